import { expect, it } from "vitest";
import type { LoadDay } from "@/features/load/calls";
import type { Workout } from "@/lib/api";
import { attention, weekLoads } from "./reading";

const TODAY = "2026-11-27";
const day = (date: string, tss: number | null, tsb: number | null) =>
  ({ date, tss, ctl: tsb === null ? null : 50, tsb }) as LoadDay;
const workout = (local: string) => ({ local_start_time: `${local}T07:00:00+01:00` }) as Workout;
const DAYS = [day("2026-11-22", 60, 4), day("2026-11-23", 40, 2), day(TODAY, null, -5)];

it("sums this week and the one before, days without a load as none", () => {
  expect(weekLoads(DAYS, "2026-11-23")).toEqual({ current: 40, before: 60 });
});

it("says nothing where all is well", () => {
  expect(attention({ last: workout("2026-11-26"), days: DAYS, without: 0 }, TODAY, null)).toEqual([]);
  const later = { last: workout("2026-11-26"), days: DAYS, without: 0 };
  expect(attention(later, TODAY, "2027-05-01T00:00:00Z")).toEqual([]);
});

it("says why an athlete should be looked at", () => {
  const of = (last: string | null, days: LoadDay[], until: string | null = null) =>
    attention({ last: last === null ? null : workout(last), days, without: 0 }, TODAY, until);
  expect(of("2026-11-26", [day(TODAY, 90, -31)])).toEqual(["High strain"]);
  expect(of("2026-11-20", DAYS)).toEqual(["No workout for 7 days"]);
  expect(of(null, [])).toEqual(["No workout that you may see"]);
  expect(of("2026-11-26", [day(TODAY, null, null)])).toEqual(["Load can’t be told: no thresholds"]);
  expect(of("2026-11-26", DAYS, "2026-11-30T10:00:00Z")).toEqual(["Shares until Mon 30 Nov"]);
});
