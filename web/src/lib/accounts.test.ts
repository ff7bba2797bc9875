import { describe, expect, it } from "vitest";
import { addressAfterSwitch } from "./accounts";

describe("addressAfterSwitch", () => {
  it("leaves what belonged to the former account", () =>
    expect(addressAfterSwitch("/workouts/0198c0de")).toBe("/"));
  it("stays on pages that every account has", () => {
    expect(addressAfterSwitch("/workouts")).toBe("/workouts");
    expect(addressAfterSwitch("/organization/members")).toBe("/organization/members");
  });
});
