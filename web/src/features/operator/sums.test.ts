import { expect, it } from "vitest";
import { byFigure } from "./sums";

it("adds up what belongs together and keeps the parts", () => {
  const found = byFigure([
    { figure: "organizations", of: "active", count: 3, since: null },
    { figure: "people", of: "all", count: 7, since: null },
    { figure: "organizations", of: "suspended", count: 1, since: null },
  ]);
  expect(found).toEqual([
    {
      figure: "organizations",
      total: 4,
      parts: [
        { of: "active", count: 3 },
        { of: "suspended", count: 1 },
      ],
    },
    { figure: "people", total: 7, parts: [{ of: "all", count: 7 }] },
  ]);
});
