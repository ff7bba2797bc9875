"use client";
import {
  Activity,
  Building2,
  ChartLine,
  Copy,
  HeartPulse,
  House,
  Link2,
  type LucideIcon,
  Settings,
  Upload,
  Users,
} from "lucide-react";
import { lazy } from "react";
import { useOpenMatchCount } from "@/features/duplicates/queries";
import { useBusyUploads } from "@/features/uploads/store";
import { cx } from "@/lib/classes";
import { Link, usePathname } from "@/lib/nav";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Later } from "@/ui/Later";

const Switcher = lazy(() => import("./Switcher"));
const AccountMenu = lazy(() => import("./AccountMenu"));
const MoreMenu = lazy(() => import("./MoreMenu"));
const SetupBanner = lazy(() => import("@/features/onboarding/SetupBanner"));

const TODAY = { href: "/today", label: t.shell.today, icon: House };
const WORKOUTS = { href: "/workouts", also: ["/calendar"], label: t.shell.workouts, icon: Activity };
const LOAD = { href: "/load", also: ["/thresholds"], label: t.shell.load, icon: ChartLine };
const BODY = { href: "/biometrics", label: t.shell.body, icon: HeartPulse };
const SOURCES = { href: "/sources", label: t.shell.sources, icon: Link2 };
const UPLOADS = { href: "/uploads", label: t.shell.uploads, icon: Upload };
const DUPLICATES = { href: "/duplicates", label: t.shell.duplicates, icon: Copy };
const ITEMS: readonly Place[] = [TODAY, WORKOUTS, LOAD, BODY, SOURCES, UPLOADS, DUPLICATES];
const ATHLETES = { href: "/athletes", label: t.athletes.title, icon: Users };
/** For whom all training is that of others. */
const OTHERS = { ...ATHLETES, also: ["/workouts", "/calendar", "/load", "/biometrics"] };

/** What concerns the organization and oneself, apart from the work. */
const ABOUT: readonly Place[] = [
  {
    href: "/organization",
    to: "/organization/members",
    label: t.shell.organization,
    icon: Building2,
  },
  { href: "/settings", label: t.shell.settings, icon: Settings },
];

/** On a phone: what a thumb reaches at once, and what comes with one more tap. */
const NEAR: readonly Place[] = [TODAY, WORKOUTS, LOAD, SOURCES];

/** The places that have something for the account: its own training, that of others, or neither. */
function useItems(): readonly Place[] {
  const { data: me } = useMe();
  if (!me) return ITEMS;
  const reads = me.permissions.filter(({ permission }) => permission === "fitness.workouts.read");
  const trains = me.permissions.some(({ permission }) => permission === "fitness.workouts.write");
  if (!trains) return reads.length > 0 ? [OTHERS] : [];
  return reads.some(({ source }) => source.startsWith("grant:")) ? [...ITEMS, ATHLETES] : ITEMS;
}

function useBadge(href: string): string | null {
  const open = useOpenMatchCount();
  const busy = useBusyUploads();
  if (href === "/duplicates") return open;
  return href === "/uploads" && busy > 0 ? String(busy) : null;
}

const isCurrent = (path: string, { href, also }: Place) =>
  path === href || also?.includes(path) || path.startsWith(`${href}/`);

export function Sidebar() {
  const items = useItems();
  return (
    <aside className="fixed inset-y-0 left-0 z-30 hidden w-60 flex-col border-r border-line bg-surface md:flex">
      <div className="flex h-14 items-center border-b border-line px-2">
        <Later place="h-11 w-full">
          <Switcher />
        </Later>
      </div>
      <nav aria-label={t.shell.navigation} className="flex flex-1 flex-col gap-0.5 p-3">
        {items.map((item) => (
          <SideLink key={item.href} {...item} />
        ))}
        <span aria-hidden className="flex-1" />
        {ABOUT.map((item) => (
          <SideLink key={item.href} {...item} />
        ))}
      </nav>
      <Later place="hidden">
        <SetupBanner />
      </Later>
      <div className="border-t border-line p-2">
        <Later place="h-12">
          <AccountMenu />
        </Later>
      </div>
    </aside>
  );
}

/** `to` is where it leads, `also` other pages that belong to it. */
export type Place = { href: string; to?: string; also?: readonly string[]; label: string; icon: LucideIcon };

function SideLink(place: Place) {
  const { href, to, label, icon: Icon } = place;
  const current = isCurrent(usePathname(), place);
  const badge = useBadge(href);
  return (
    <Link
      href={to ?? href}
      // Not `prefetch` alone: in a static export that asks for the whole page, and a click meanwhile can end on an empty
      // one (vercel/next.js#92341).
      prefetch="auto"
      aria-current={current ? "page" : undefined}
      className={cx(
        "flex min-h-9 pointer-coarse:min-h-11 items-center gap-2.5 rounded-md px-2.5 text-sm",
        current ? "bg-sunken font-medium text-fg" : "text-muted hover:bg-sunken hover:text-fg",
      )}
    >
      <Icon size={17} aria-hidden className={current ? "text-accent" : undefined} />
      <span className="flex-1">{label}</span>
      {badge && <Badge text={badge} />}
    </Link>
  );
}

export function Badge({ text }: { text: string }) {
  return (
    <span className="figures rounded-full bg-accent-soft px-1.5 text-xs font-medium text-accent">{text}</span>
  );
}

export const barClass = "relative flex min-h-14 min-w-0 flex-col items-center justify-center gap-0.5 text-xs";

/** The same places on a phone, within reach of a thumb. */
export function BottomBar() {
  const path = usePathname();
  const badge = useBadge("/duplicates");
  const current = (place: Place) => isCurrent(path, place);
  const items = [...useItems(), ...ABOUT];
  const near = items.length > NEAR.length ? NEAR : items;
  const far = items.filter((place) => !near.includes(place));
  return (
    <nav
      aria-label={t.shell.navigation}
      className="fixed inset-x-0 bottom-0 z-30 grid grid-flow-col auto-cols-fr border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {near.map((place) => (
        <BottomLink key={place.href} {...place} current={current(place)} />
      ))}
      {far.length > 0 && (
        <Later place="min-h-14">
          <MoreMenu places={far} current={far.some(current)} badge={badge} />
        </Later>
      )}
    </nav>
  );
}

function BottomLink({ href, to, label, icon: Icon, current }: Place & { current: boolean }) {
  const badge = useBadge(href);
  return (
    <Link
      href={to ?? href}
      aria-current={current ? "page" : undefined}
      className={cx(barClass, current ? "font-medium text-accent" : "text-muted")}
    >
      <Icon size={20} aria-hidden />
      <span className="max-w-full truncate px-1">{label}</span>
      {badge && (
        <span className="absolute top-1 left-1/2 ml-1.5">
          <Badge text={badge} />
        </span>
      )}
    </Link>
  );
}
