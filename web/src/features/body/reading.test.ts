import { expect, test } from "vitest";
import type { Reading } from "./calls";
import { everyDay, firstDay, inOrder, kindOf, plotted, shown, standing } from "./reading";

const reading = (more: Partial<Reading>): Reading => ({
  date: "2026-05-03",
  time: null,
  type: "hrv_rmssd",
  value: 60,
  unit: "ms",
  source: "whoop",
  device: null,
  confidence: 1,
  flags: [],
  night: null,
  ...more,
});

test("a value reads as people say it", () => {
  expect(shown("sleep_duration", 27_042, "s", "metric")).toEqual({ figure: "7:31", unit: "h" });
  expect(shown("nap_duration", 1_470, "s", "metric")).toEqual({ figure: "0:25", unit: "h" });
  expect(shown("weight", 70, "kg", "imperial")).toEqual({ figure: "154.3", unit: "lb" });
  expect(shown("weight", 70.04, "kg", "metric")).toEqual({ figure: "70.0", unit: "kg" });
  expect(shown("temperature_deviation", -0.25, "°C", "metric")).toEqual({ figure: "−0.3", unit: "°C" });
  expect(shown("steps", 12_034, "steps", "metric")).toEqual({ figure: "12,034", unit: "" });
  expect(plotted("sleep_duration", 27_000, "metric")).toBe(7.5);
});

test("what is usual is told from what is not, and from what nobody knows", () => {
  const usual = { low: 52, median: 60, high: 68, days: 50 };
  expect(standing({ value: 52, usual })).toBe("usual");
  expect(standing({ value: 51, usual })).toBe("below");
  expect(standing({ value: 69, usual })).toBe("above");
  expect(standing({ value: 69, usual: null })).toBeNull();
});

test("the page begins with what is asked for first", () => {
  const known = inOrder([reading({ type: "weight" }), reading({ type: "sleep_duration" }), reading({})]);
  expect(known.map(({ type }) => type)).toEqual(["hrv_rmssd", "sleep_duration", "weight"]);
  expect(kindOf("weight", known)).toBe("weight");
  expect(kindOf("steps", known)).toBe("hrv_rmssd");
  expect(kindOf(undefined, [])).toBeUndefined();
});

test("a day without a reading is a gap", () => {
  const days = everyDay([reading({ date: "2026-02-27" }), reading({ date: "2026-03-02" })]);
  expect(days.map(({ date, reading: one }) => [date, one !== undefined])).toEqual([
    ["2026-02-27", true],
    ["2026-02-28", false],
    ["2026-03-01", false],
    ["2026-03-02", true],
  ]);
  expect(everyDay([])).toEqual([]);
  expect(firstDay("30", Date.parse("2026-05-30T10:00:00Z"))).toBe("2026-05-01");
});
