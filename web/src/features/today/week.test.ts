import { expect, it } from "vitest";
import { mondays, reaches, sum, weeksOf } from "./week";

const at = (day: number, hour = 12) => new Date(2026, 10, day, hour);
const workout = (day: number, tss: number | null) => ({
  start_time: at(day).toISOString(),
  moving_time_s: null,
  duration_s: 3600,
  distance_m: 10_000,
  load: { tss },
});

it("begins a week on monday, also when today is one or a sunday", () => {
  for (const today of [23, 27, 29]) expect(mondays(at(today)).current).toEqual(at(23, 0));
  expect(mondays(at(23)).last).toEqual(at(16, 0));
});

it("sums this week and the last, and nothing else", () => {
  const { current, last } = weeksOf(
    [15, 16, 22, 23, 26].map((day) => workout(day, day === 26 ? null : 50)),
    at(27),
  );
  expect(current).toEqual({ workouts: 2, time_s: 7200, distance_m: 20_000, load: 50, without: 1 });
  expect(last).toEqual({ workouts: 2, time_s: 7200, distance_m: 20_000, load: 100, without: 0 });
});

it("knows no load where none can be told, and one of nothing in a week of rest", () => {
  expect(sum([workout(23, null), workout(24, null)]).load).toBeNull();
  expect(sum([]).load).toBe(0);
});

it("knows whether the newest go back far enough", () => {
  const page = (next: string | null, ...days: number[]) => ({
    data: days.map((day) => workout(day, 50)),
    page: { next, limit: 30 },
  });
  expect(reaches(page("more", 26, 17, 14), at(16, 0))).toBe(true);
  expect(reaches(page("more", 26, 17), at(16, 0))).toBe(false);
  expect(reaches(page(null, 26, 17), at(16, 0))).toBe(true);
  expect(reaches(page(null), at(16, 0))).toBe(true);
});
