import { describe, expect, it } from "vitest";
import { activeFilters, hasFilters, workoutQuery } from "./query";

describe("workoutQuery", () => {
  it("reads what the API takes and leaves out the rest", () => {
    expect(
      workoutQuery({
        sport: "run",
        min_distance_m: "5000",
        from: "yesterday",
        max_duration_s: "-1",
        other: "x",
      }),
    ).toEqual({
      sport: "run",
      min_distance_m: 5000,
      sort: "-start_time",
    });
  });
  it("takes only known orders", () => {
    expect(workoutQuery({ sort: "-distance_m" }).sort).toBe("-distance_m");
    expect(workoutQuery({ sort: "password" }).sort).toBe("-start_time");
  });
  it("does not count the order as a filter", () => {
    expect(hasFilters(workoutQuery({ sort: "start_time" }))).toBe(false);
    expect(hasFilters(workoutQuery({ q: "hill" }))).toBe(true);
  });
});

describe("activeFilters", () => {
  it("says ranges in the person's units", () => {
    const labels = (query: Parameters<typeof activeFilters>[0]) =>
      activeFilters(query, "metric").map(({ label }) => label);
    expect(labels({ min_distance_m: 5000, max_distance_m: 10_000 })).toEqual([
      "Distance 5.00\u00a0km – 10.00\u00a0km",
    ]);
    expect(labels({ max_duration_s: 3600 })).toEqual(["Duration ≤ 1:00:00"]);
    expect(labels({ sport: "run", source: "garmin" })).toEqual(["Run", "Garmin"]);
  });
});
