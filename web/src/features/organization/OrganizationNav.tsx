"use client";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { SectionNav } from "@/ui/SectionNav";

const { tabs, section } = t.organization;

/** The pages about the organization that the account may open. */
export function OrganizationNav() {
  const may = useMay();
  const items: [string, string][] = [
    ["/organization/members", tabs.members],
    ...(may("kernel.invitations.read")
      ? ([["/organization/invitations", tabs.invitations]] as [string, string][])
      : []),
    ["/organization/roles", tabs.roles],
    ...(may("kernel.audit.read") ? ([["/organization/audit", tabs.audit]] as [string, string][]) : []),
    ...(may("kernel.webhooks.read")
      ? ([["/organization/webhooks", tabs.webhooks]] as [string, string][])
      : []),
    ["/organization/settings", tabs.settings],
  ];
  return <SectionNav label={section} items={items} />;
}
