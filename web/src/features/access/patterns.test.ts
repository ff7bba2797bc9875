import { describe, expect, it } from "vitest";
import { contains, effective, grouped, toggle, toggleArea } from "./patterns";

const KNOWN = [
  "kernel.members.read",
  "kernel.members.write",
  "kernel.audit.read",
  "fitness.workouts.read",
  "fitness.workouts.write",
];

describe("contains", () => {
  it("takes a permission for itself", () => {
    expect(contains("kernel.audit.read", "kernel.audit.read")).toBe(true);
    expect(contains("kernel.audit.read", "kernel.audit.write")).toBe(false);
  });
  it("goes below a star, and not beside it", () => {
    expect(contains("fitness.*", "fitness.workouts.read")).toBe(true);
    expect(contains("fit.*", "fitness.workouts.read")).toBe(false);
    expect(contains("*", "fitness.workouts.read")).toBe(true);
  });
  it("manages by reading and writing, and nothing else", () => {
    expect(contains("kernel.members.manage", "kernel.members.write")).toBe(true);
    expect(contains("kernel.members.manage", "kernel.members.export")).toBe(false);
    expect(contains("kernel.members.manage", "kernel.audit.read")).toBe(false);
  });
});

describe("toggle", () => {
  it("adds what is not held", () =>
    expect(toggle([], "kernel.audit.read", KNOWN)).toEqual(["kernel.audit.read"]));
  it("takes away what is held", () =>
    expect(toggle(["kernel.audit.read"], "kernel.audit.read", KNOWN)).toEqual([]));
  it("takes one out of a pattern and leaves the others of it", () => {
    const left = toggle(["kernel.*", "fitness.workouts.manage"], "kernel.members.write", KNOWN);
    expect(left).toEqual(["fitness.workouts.manage", "kernel.members.read", "kernel.audit.read"]);
    expect(effective(left, KNOWN)).not.toContain("kernel.members.write");
  });
  it("is undone by itself, as far as permissions go", () => {
    const twice = toggle(toggle(["kernel.*"], "kernel.audit.read", KNOWN), "kernel.audit.read", KNOWN);
    expect(new Set(effective(twice, KNOWN))).toEqual(new Set(effective(["kernel.*"], KNOWN)));
  });
});

describe("toggleArea", () => {
  it("holds the area as a whole", () =>
    expect(toggleArea(["kernel.audit.read", "fitness.workouts.read"], "fitness", KNOWN)).toEqual([
      "kernel.audit.read",
      "fitness.*",
    ]));
  it("goes back to what is known of it", () =>
    expect(toggleArea(["fitness.*"], "fitness", KNOWN)).toEqual([
      "fitness.workouts.read",
      "fitness.workouts.write",
    ]));
});

it("groups by area and resource", () => {
  const groups = grouped(KNOWN.map((permission) => ({ permission })));
  expect(groups.map(({ area, resources }) => [area, resources.map(({ resource }) => resource)])).toEqual([
    ["kernel", ["kernel.members", "kernel.audit"]],
    ["fitness", ["fitness.workouts"]],
  ]);
});
