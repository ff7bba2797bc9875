"use client";
import { type Tab, useTabs } from "@/lib/permissions";
import * as t from "@/texts/en";
import { SectionNav } from "@/ui/SectionNav";

const { tabs, section } = t.organization;

const TABS: readonly Tab[] = [
  ["/organization/members", tabs.members],
  ["/organization/invitations", tabs.invitations, "kernel.invitations.read"],
  ["/organization/roles", tabs.roles],
  ["/organization/audit", tabs.audit, "kernel.audit.read"],
  ["/organization/webhooks", tabs.webhooks, "kernel.webhooks.read"],
  ["/organization/settings", tabs.settings],
];

/** The pages about the organization that the account may open. */
export function OrganizationNav() {
  return <SectionNav label={section} items={useTabs(TABS)} />;
}
