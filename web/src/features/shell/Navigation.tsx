"use client";
import { Activity, Copy, Settings, Upload } from "lucide-react";
import { lazy } from "react";
import { useOpenMatchCount } from "@/features/duplicates/queries";
import { useBusyUploads } from "@/features/uploads/store";
import { cx } from "@/lib/classes";
import { Link, usePathname } from "@/lib/nav";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Later } from "@/ui/Later";

const AccountMenu = lazy(() => import("./AccountMenu"));

const ITEMS = [
  { href: "/workouts", label: t.shell.workouts, short: t.shell.workouts, icon: Activity },
  { href: "/uploads", label: t.shell.uploads, short: t.shell.uploads, icon: Upload },
  { href: "/duplicates", label: t.shell.duplicates, short: t.shell.duplicatesShort, icon: Copy },
] as const;

function useBadge(href: string): string | null {
  const open = useOpenMatchCount();
  const busy = useBusyUploads();
  if (href === "/duplicates") return open;
  return href === "/uploads" && busy > 0 ? String(busy) : null;
}

const isCurrent = (path: string, href: string) => path === href || path.startsWith(`${href}/`);

export function Sidebar() {
  const me = useMe();
  return (
    <aside className="fixed inset-y-0 left-0 z-30 hidden w-60 flex-col border-r border-line bg-surface md:flex">
      <div className="flex h-14 items-center gap-2.5 border-b border-line px-4">
        <span aria-hidden className="flex size-7 shrink-0 items-end gap-0.5 rounded-md bg-accent p-1.5">
          <span className="h-2/5 flex-1 rounded-xs bg-on-accent" />
          <span className="h-full flex-1 rounded-xs bg-on-accent" />
          <span className="h-3/5 flex-1 rounded-xs bg-on-accent" />
        </span>
        {me.data ? (
          <p className="truncate font-semibold" title={me.data.organization.name}>
            {me.data.organization.name}
          </p>
        ) : (
          <span className="skeleton h-4 w-28" />
        )}
      </div>
      <nav aria-label={t.shell.navigation} className="flex flex-1 flex-col gap-0.5 p-3">
        {ITEMS.map((item) => (
          <SideLink key={item.href} {...item} />
        ))}
      </nav>
      <div className="border-t border-line p-2">
        <Later place="h-12">
          <AccountMenu />
        </Later>
      </div>
    </aside>
  );
}

function SideLink({ href, label, icon: Icon }: (typeof ITEMS)[number]) {
  const current = isCurrent(usePathname(), href);
  const badge = useBadge(href);
  return (
    <Link
      href={href}
      prefetch
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

function Badge({ text }: { text: string }) {
  return (
    <span className="figures rounded-full bg-accent-soft px-1.5 text-xs font-medium text-accent">{text}</span>
  );
}

/** The same places on a phone, within reach of a thumb. */
export function BottomBar() {
  const path = usePathname();
  const items = [
    ...ITEMS,
    { href: "/settings", label: t.shell.settings, short: t.shell.settings, icon: Settings },
  ] as const;
  return (
    <nav
      aria-label={t.shell.navigation}
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {items.map(({ href, short, label, icon: Icon }) => (
        <BottomLink
          key={href}
          href={href}
          label={label}
          short={short}
          current={isCurrent(path, href)}
          icon={<Icon size={20} aria-hidden />}
        />
      ))}
    </nav>
  );
}

function BottomLink(props: {
  href: string;
  label: string;
  short: string;
  current: boolean;
  icon: React.ReactNode;
}) {
  const badge = useBadge(props.href);
  return (
    <Link
      href={props.href}
      aria-current={props.current ? "page" : undefined}
      className={cx(
        "relative flex min-h-14 min-w-0 flex-col items-center justify-center gap-0.5 text-xs",
        props.current ? "font-medium text-accent" : "text-muted",
      )}
    >
      {props.icon}
      <span className="max-w-full truncate px-1">{props.short}</span>
      {badge && (
        <span className="absolute top-1 left-1/2 ml-1.5">
          <Badge text={badge} />
        </span>
      )}
    </Link>
  );
}
