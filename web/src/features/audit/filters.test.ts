import { describe, expect, it } from "vitest";
import { filtersIn, inWords, queryOf } from "./filters";

const ADA = "0198c0de-0000-7000-8000-000000000001";

describe("filtersIn", () => {
  it("leaves out what makes no sense", () => {
    const address = {
      q: " role ",
      actor: "ada",
      from: "yesterday",
      to: "2026-13-40",
      outcome: "maybe",
      page: "3",
    };
    expect(filtersIn(address)).toEqual({ q: "role" });
  });
  it("keeps the others as they are", () => {
    const address = { actor: ADA, action: "auth.*", from: "2026-07-01", outcome: "refused" };
    expect(filtersIn(address)).toEqual(address);
  });
});

describe("queryOf", () => {
  it("goes from one midnight to that after the last day", () => {
    const { from, to } = queryOf({ from: "2026-07-01", to: "2026-07-01" });
    expect(from).toBe(new Date("2026-07-01T00:00:00").toISOString());
    expect(to).toBe(new Date("2026-07-02T00:00:00").toISOString());
  });
  it("asks nothing where nothing is filtered", () => expect(queryOf({})).toEqual({}));
});

it("says the filters in words, and leaves the search to its field", () =>
  expect(inWords({ q: "x", actor: ADA, action: "identity.*", to: "2026-07-01" }, () => "Ada")).toEqual([
    { name: "actor", label: "Who: Ada" },
    { name: "action", label: "Signing in" },
    { name: "to", label: "To 2026-07-01" },
  ]));
