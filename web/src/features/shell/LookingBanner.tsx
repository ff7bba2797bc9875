"use client";
import { Eye } from "lucide-react";
import { deviceClock } from "@/lib/format";
import { useMe, useSignOut } from "@/lib/session";
import * as t from "@/texts/en";

const o = t.operator;

/** Over every page while an operator looks through an account's eyes; it can't be put away, only the look be ended. */
export function LookingBanner({ until }: { until?: string }) {
  const me = useMe();
  const end = useSignOut();
  const who = me.data ? o.banner(me.data.user.name, me.data.organization.name) : o.bannerSomebody;
  return (
    <section
      role="alert"
      className="sticky top-0 z-25 flex h-(--banner) items-center gap-3 border-b border-warn/35 bg-warn-soft px-4 text-warn md:justify-center"
    >
      <Eye size={16} aria-hidden className="shrink-0 max-md:hidden" />
      <p className="line-clamp-2 min-w-0 flex-1 font-medium max-md:text-xs md:flex-none">
        {[who, o.readOnly, until && o.until(deviceClock(until))].filter(Boolean).join(" – ")}
      </p>
      <button
        type="button"
        onClick={() => void end()}
        className="min-h-8 pointer-coarse:min-h-11 shrink-0 rounded-md border border-warn/60 px-3 font-medium hover:bg-warn/10"
      >
        {o.end}
      </button>
    </section>
  );
}
