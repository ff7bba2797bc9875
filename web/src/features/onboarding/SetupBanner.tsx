"use client";
import { ArrowRight, X } from "lucide-react";
import { useState } from "react";
import { Link, usePathname } from "@/lib/nav";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { useOnboarding } from "./queries";

const s = t.onboarding;
const HIDDEN = "rowhouse.setup-hidden";

/**
 * Reminds of an unfinished set-up, until it is hidden for this session. It stands where nothing moves for it: above
 * the account in the sidebar, or (`compact`) beside the search on a phone.
 */
export default function SetupBanner({ compact = false }: { compact?: boolean }) {
  const { data } = useOnboarding();
  const path = usePathname();
  const [hidden, setHidden] = useState(() => sessionStorage.getItem(HIDDEN) !== null);
  if (!data || data.stage === "completed" || hidden || path === "/onboarding") return null;
  const done = data.stages.filter(({ state }) => state === "done").length;
  const hide = () => {
    sessionStorage.setItem(HIDDEN, "1");
    setHidden(true);
  };
  if (compact)
    return (
      <div className="flex items-center rounded-md bg-accent-soft">
        <Link
          href="/onboarding"
          className="flex min-h-9 pointer-coarse:min-h-11 items-center pl-2.5 text-sm font-medium whitespace-nowrap text-accent"
        >
          {s.bannerShort}
        </Link>
        <IconButton label={s.bannerDismiss} onClick={hide}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
    );
  return (
    <div className="mx-3 mb-3 rounded-lg border border-accent/25 bg-accent-soft py-1 pr-1 pl-3">
      <div className="flex items-center justify-between gap-1">
        <Link
          href="/onboarding"
          className="flex min-h-9 items-center gap-1.5 text-sm font-medium text-accent"
        >
          {s.banner}
          <ArrowRight size={15} aria-hidden />
        </Link>
        <IconButton label={s.bannerDismiss} onClick={hide}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
      <p className="figures pb-2 text-xs text-muted">{s.bannerText(done, data.stages.length)}</p>
    </div>
  );
}
