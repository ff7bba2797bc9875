import { expect, it } from "vitest";
import { grantsIn, reasons } from "./sources";

const HELD = [
  { permission: "fitness.workouts.read", source: "grant:1" },
  { permission: "fitness.workouts.read", source: "role:coach" },
  { permission: "fitness.uploads.read", source: "role:coach" },
  { permission: "fitness.workouts.read", source: "grant:2" },
];

it("names each permission once, its role before what others share", () => {
  const [first, second] = reasons(HELD);
  expect(first).toEqual({
    permission: "fitness.workouts.read",
    sources: [
      { kind: "role", of: "coach" },
      { kind: "grant", of: "1" },
      { kind: "grant", of: "2" },
    ],
  });
  expect(second?.sources).toHaveLength(1);
});

it("counts what others share", () => expect(grantsIn(HELD)).toBe(2));
