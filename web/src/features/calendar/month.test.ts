import { describe, expect, it } from "vitest";
import { addressOf, byDay, type Entry, monthAsked, monthName, plusMonths, weeksOf } from "./month";

const NOW = new Date(2026, 10, 27, 12);

describe("a month", () => {
  it("has the weeks that it has a day in, from monday to sunday", () => {
    const november = weeksOf("2026-11");
    expect(november.map(([monday]) => monday)).toEqual([
      "2026-10-26",
      "2026-11-02",
      "2026-11-09",
      "2026-11-16",
      "2026-11-23",
      "2026-11-30",
    ]);
    expect(november[0]?.at(-1)).toBe("2026-11-01");
    expect(new Set(november.map((week) => week.length))).toEqual(new Set([7]));
    expect(weeksOf("2027-02").flat()).toHaveLength(28);
    // Both days on which clocks are changed.
    expect(weeksOf("2026-03").flat()).toContain("2026-03-29");
    expect(new Set(weeksOf("2026-10").flat()).size).toBe(weeksOf("2026-10").length * 7);
  });
  it("is read from the address, and the present one where that says nothing sensible", () => {
    expect(monthAsked("2025-02", NOW)).toBe("2025-02");
    for (const none of [undefined, "", "2025-13", "2025-2", "1-1", "9999-01"])
      expect(monthAsked(none, NOW)).toBe("2026-11");
    expect([addressOf("2026-11", NOW), addressOf("2026-10", NOW)]).toEqual(["", "2026-10"]);
  });
  it("has one before and one after it", () => {
    expect([plusMonths("2026-01", -1), plusMonths("2026-12", 1)]).toEqual(["2025-12", "2027-01"]);
    expect(monthName("2026-12")).toBe("December 2026");
  });
});

it("puts a workout on the day of its place, the earliest first", () => {
  const one = (id: string, start_time: string, local_start_time: string) =>
    ({ id, start_time, local_start_time }) as Entry;
  const days = byDay([
    one("evening", "2026-11-27T17:00:00Z", "2026-11-27T18:00:00+01:00"),
    one("auckland", "2026-11-26T18:30:00Z", "2026-11-27T07:30:00+13:00"),
    one("honolulu", "2026-11-28T06:00:00Z", "2026-11-27T20:00:00-10:00"),
  ]);
  expect([...days.keys()]).toEqual(["2026-11-27"]);
  expect(days.get("2026-11-27")?.map(({ id }) => id)).toEqual(["auckland", "evening", "honolulu"]);
});
