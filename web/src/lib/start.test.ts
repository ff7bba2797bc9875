import { expect, it } from "vitest";
import { startOf } from "./start";

const who = (...held: string[]) => ({
  permissions: held.map((permission) => ({ permission, source: "role:any" })),
});

it("leads each to the page that has something for them", () => {
  expect(startOf(who("fitness.workouts.read", "fitness.workouts.write"))).toBe("/today");
  expect(startOf(who("kernel.members.read", "fitness.workouts.read"))).toBe("/athletes");
  expect(startOf(who("kernel.members.read", "kernel.audit.read"))).toBe("/organization/audit");
  expect(startOf(who())).toBe("/organization/members");
});
