import { describe, expect, it } from "vitest";
import type { EventType } from "./calls";
import { contains, grouped, toggle, toggleArea } from "./events";

const type = (name: string, by_name_only = false): EventType => ({
  type: name,
  title: name,
  permission: "a.b.read",
  available: true,
  by_name_only,
  json_schema: {},
  example: {},
});
const joined = type("kernel.member_joined");
const left = type("kernel.member_removed");
const ride = type("fitness.workouts_changed");
const audit = type("audit.entry", true);
const KNOWN = [audit, ride, joined, left];

describe("event patterns", () => {
  it("contain what is below them, and never what is wanted by name alone", () => {
    expect(KNOWN.filter((one) => contains(["*"], one))).toEqual([ride, joined, left]);
    expect(KNOWN.filter((one) => contains(["kernel.*", "audit.*"], one))).toEqual([joined, left]);
    expect(contains(["audit.entry"], audit)).toBe(true);
  });
  it("take a single type out of a whole area", () => {
    expect(toggle(["kernel.*"], joined, KNOWN)).toEqual(["kernel.member_removed"]);
    expect(toggle(["*"], ride, KNOWN)).toEqual(["kernel.member_joined", "kernel.member_removed"]);
    expect(toggle([], ride, KNOWN)).toEqual(["fitness.workouts_changed"]);
    expect(toggle(["fitness.workouts_changed"], ride, KNOWN)).toEqual([]);
  });
  it("take a whole area in and out", () => {
    expect(toggleArea(["kernel.member_joined", "audit.entry"], "kernel", KNOWN)).toEqual([
      "audit.entry",
      "kernel.*",
    ]);
    expect(toggleArea(["kernel.*"], "kernel", KNOWN)).toEqual([]);
  });
  it("are shown by area", () => {
    expect(grouped(KNOWN).map(([area, types]) => [area, types.length])).toEqual([
      ["audit", 1],
      ["fitness", 1],
      ["kernel", 2],
    ]);
  });
});
