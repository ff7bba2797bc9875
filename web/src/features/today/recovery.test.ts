import { expect, it } from "vitest";
import type { Kind, Reading } from "@/features/body/calls";
import * as t from "@/texts/en";
import { placeOf, recoveryOf, speaksAgainst, verdictOf } from "./recovery";

const usual = { low: 50, median: 60, high: 70, days: 60 };
const reading = (type: Kind, value: number, more: Partial<Reading> = {}): Reading => ({
  date: "2026-11-27",
  time: null,
  type,
  value,
  unit: "",
  source: "whoop",
  device: null,
  confidence: 1,
  flags: [],
  night: null,
  usual,
  ...more,
});
const night = (hrv: number, resting: number, sleep: number) =>
  recoveryOf([
    reading("hrv_rmssd", hrv),
    reading("resting_hr", resting),
    reading("sleep_duration", sleep),
  ]) ?? { date: "", figures: [], stages: null };

it("tells of the newest night, what is a little older with it, and nothing that is long ago", () => {
  const found = recoveryOf([
    reading("resting_hr", 60, { date: "2026-11-21" }),
    reading("hrv_sdnn", 60, { date: "2026-11-20" }),
    reading("hrv_rmssd", 60),
    reading("weight", 60, { date: "2026-11-28" }),
    reading("sleep_duration", 60, { date: "2026-11-26" }),
  ]);
  expect(found?.date).toBe("2026-11-27");
  expect(found?.figures.map(({ type }) => type)).toEqual(["sleep_duration", "hrv_rmssd", "resting_hr"]);
  expect(recoveryOf([reading("weight", 60)])).toBeNull();
});

it("shows the stages of that night alone", () => {
  const stages = reading("sleep_stages", 60, { night: { deep_s: 60 } as Reading["night"] });
  expect(recoveryOf([reading("hrv_rmssd", 60), stages])?.stages).toBe(stages);
  expect(recoveryOf([reading("hrv_rmssd", 60, { date: "2026-11-28" }), stages])?.stages).toBeNull();
});

it("judges the signs together, each against what is usual", () => {
  const verdicts = [
    [night(40, 80, 60), "strained"],
    [night(40, 60, 40), "strained"],
    [night(40, 60, 60), "mixed"],
    [night(80, 80, 60), "mixed"],
    [night(60, 60, 40), "short"],
    [night(60, 60, 80), "long"],
    [night(80, 60, 60), "recovered"],
    [night(60, 40, 80), "recovered"],
    [night(50, 70, 60), "usual"],
  ] as const;
  for (const [found, verdict] of verdicts) expect(verdictOf(found).verdict).toBe(verdict);
});

it("never puts the two variabilities together, and leaves a source's own score out", () => {
  const both = recoveryOf([reading("hrv_sdnn", 80), reading("hrv_rmssd", 40), reading("recovery_score", 10)]);
  expect(both && verdictOf(both)).toEqual({ verdict: "mixed", off: [{ sign: "hrv", stands: "below" }] });
  const one = recoveryOf([reading("hrv_rmssd", 40, { usual: null }), reading("hrv_sdnn", 80)]);
  expect(one && verdictOf(one).verdict).toBe("recovered");
});

it("says nothing where it isn't known what is usual, nor of another day's figure", () => {
  const unknown = recoveryOf([reading("hrv_rmssd", 10, { usual: null }), reading("recovery_score", 10)]);
  expect(unknown && verdictOf(unknown)).toEqual({ verdict: "unknown", off: [] });
  const older = recoveryOf([reading("hrv_rmssd", 60), reading("resting_hr", 99, { date: "2026-11-26" })]);
  expect(older && verdictOf(older).verdict).toBe("usual");
});

it("says in a sentence what is not as usual", () => {
  const { off } = t.today.recovery;
  expect(off([["sleep", "below"]])).toBe("sleep is below your usual");
  expect(
    off([
      ["variability", "below"],
      ["resting heart rate", "above"],
      ["sleep", "below"],
    ]),
  ).toBe("variability is below, resting heart rate above and sleep below your usual");
});

it("places a value on the line of what is usual, and marks what speaks for rest", () => {
  expect([50, 60, 70, 1000].map((value) => placeOf({ value, usual }))).toEqual([30, 50, 70, 96]);
  const still = { low: 48, median: 48, high: 48, days: 20 };
  expect([47, 48, 49].map((value) => placeOf({ value, usual: still }))).toEqual([10, 50, 90]);
  expect(placeOf({ value: 60, usual: null })).toBeNull();
  const marked = [reading("hrv_sdnn", 40), reading("resting_hr", 40), reading("recovery_score", 40)];
  expect(marked.map(speaksAgainst)).toEqual([true, false, false]);
});
