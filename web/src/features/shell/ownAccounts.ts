import type { Me } from "@/lib/api";

type Own = Me["accounts"][number];
export type OwnOrganization = { id: string; name: string; accounts: Own[] };

/** One's accounts by organization, both by name. */
export function byOrganization(accounts: readonly Own[]): OwnOrganization[] {
  const found = new Map<string, OwnOrganization>();
  for (const account of accounts) {
    const { organization_id: id, organization_name: name } = account;
    const organization = found.get(id) ?? { id, name, accounts: [] };
    organization.accounts.push(account);
    found.set(id, organization);
  }
  for (const organization of found.values())
    organization.accounts.sort((a, b) => a.role.localeCompare(b.role, "en"));
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name, "en"));
}
