"use client";
import { type Tab, useTabs } from "@/lib/permissions";
import * as t from "@/texts/en";
import { SectionNav } from "@/ui/SectionNav";

const { section, tabs } = t.access;

const TABS: readonly Tab[] = [
  ["/settings", tabs.preferences],
  ["/settings/security", tabs.security],
  ["/settings/sharing", tabs.sharing, "kernel.grants.read"],
  ["/settings/api-keys", tabs.keys, "kernel.api_keys.read"],
  ["/settings/access", tabs.access],
  ["/settings/notices", t.noticeChoices.tab],
  ["/settings/limits", t.limits.tab],
  ["/settings/privacy", tabs.privacy],
];

/** The pages about oneself that the account may open. */
export function SettingsNav() {
  return <SectionNav label={section} items={useTabs(TABS)} />;
}
