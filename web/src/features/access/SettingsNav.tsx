"use client";
import { useMay } from "@/lib/permissions";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { SectionNav } from "@/ui/SectionNav";

const { section, tabs } = t.access;
type Tab = [href: string, text: string, permission: string | null];

const TABS: Tab[] = [
  ["/settings", tabs.preferences, null],
  ["/settings/security", tabs.security, null],
  ["/settings/sharing", tabs.sharing, "kernel.grants.read"],
  ["/settings/api-keys", tabs.keys, "kernel.api_keys.read"],
  ["/settings/access", tabs.access, null],
  ["/settings/notices", t.noticeChoices.tab, null],
  ["/settings/limits", t.limits.tab, null],
  ["/settings/privacy", tabs.privacy, null],
];

/** The pages about oneself that the account may open; all of them until that is known, which most may. */
export function SettingsNav() {
  const may = useMay();
  const known = useMe().data !== undefined;
  const items = TABS.filter(([, , permission]) => permission === null || !known || may(permission));
  return <SectionNav label={section} items={items.map(([href, text]) => [href, text] as const)} />;
}
