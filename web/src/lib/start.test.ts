import { expect, it } from "vitest";
import { elsewhere, startOf } from "./start";

const who = (...held: string[]) => ({
  permissions: held.map((permission) => ({ permission, source: "role:any" })),
});

it("leads each to the page that has something for them", () => {
  expect(startOf(who("fitness.workouts.read", "fitness.workouts.write"))).toBe("/today");
  expect(startOf(who("kernel.members.read", "fitness.workouts.read"))).toBe("/athletes");
  expect(startOf(who("kernel.members.read", "kernel.audit.read"))).toBe("/organization/audit");
  expect(startOf(who())).toBe("/organization/members");
});

it("sends whoever has no training of their own to what they have", () => {
  const coach = who("fitness.workouts.read");
  expect(elsewhere(coach, "/today")).toBe("/athletes");
  expect(elsewhere(coach, "/workouts", "")).toBe("/athletes");
  expect(elsewhere(who("kernel.audit.read"), "/load")).toBe("/organization/audit");
  expect(elsewhere(coach, "/workouts", "some-id"), "an athlete's pages").toBeNull();
  expect(elsewhere(coach, "/workouts/some-id"), "a workout is whosever it is").toBeNull();
  expect(elsewhere(coach, "/settings")).toBeNull();
  expect(elsewhere(who("fitness.workouts.write"), "/today")).toBeNull();
});
