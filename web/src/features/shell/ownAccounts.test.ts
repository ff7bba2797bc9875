import { expect, it } from "vitest";
import { byOrganization } from "./ownAccounts";

const account = (id: string, organization_id: string, organization_name: string, role: string) => ({
  id,
  organization_id,
  organization_name,
  role,
});

it("puts the accounts of an organization together, even where two are called the same", () => {
  const found = byOrganization([
    account("1", "o", "Otters", "owner"),
    account("2", "s", "Seals", "member"),
    account("3", "o", "Otters", "athlete"),
    account("4", "x", "Otters", "coach"),
  ]);
  expect(found.map(({ id, accounts }) => [id, accounts.map(({ role }) => role)])).toEqual([
    ["o", ["athlete", "owner"]],
    ["x", ["coach"]],
    ["s", ["member"]],
  ]);
});
