import { describe, expect, it } from "vitest";
import type { WorkoutDetail } from "@/lib/api";
import { roundStep } from "@/lib/charts/steps";
import { curvesOf, indexAt, missingTime_s, timeStep } from "./curves";

const run = { sport: "run", avg_hr_bpm: 150, avg_speed_mps: 3 } as WorkoutDetail;

describe("curvesOf", () => {
  it("draws what was measured and nothing else", () => {
    const streams = { time_s: [0, 1, 2], heart_rate_bpm: [120, null, 160], power_w: [null, null, null] };
    const curves = curvesOf(run, streams, "metric");
    expect(curves.map(({ channel }) => channel)).toEqual(["heart_rate_bpm"]);
    expect(curves[0]?.points).toEqual([
      { x: 0, y: 120 },
      { x: 1, y: null },
      { x: 2, y: 160 },
    ]);
    expect(curves[0]?.sentence).toBe(
      "Heart rate averaged 150\u00a0bpm, between 120\u00a0bpm and 160\u00a0bpm.",
    );
    expect(curves[0]?.at(1)).toBe("–");
  });
  it("turns a runner's speed into pace, and standing still into a gap", () => {
    const [pace] = curvesOf(run, { time_s: [0, 1, 2], speed_mps: [2.5, 0, 4] }, "metric");
    expect(pace?.points.map(({ y }) => y)).toEqual([400, null, 250]);
    expect(pace?.sentence).toBe("Pace averaged 5:33\u00a0/km, 4:10\u00a0/km at its fastest.");
    expect(pace?.reversed).toBe(true);
    expect(pace?.tick(250)).toBe("4:10");
  });
  it("breaks the curve at a pause", () => {
    const [heart] = curvesOf(
      run,
      { time_s: [0, 1, 600, 601], heart_rate_bpm: [120, 121, 110, 111] },
      "metric",
    );
    expect(heart?.points).toHaveLength(4);
    const many = Array.from({ length: 100 }, (_, i) => (i < 50 ? i : i + 900));
    const [paused] = curvesOf(run, { time_s: many, heart_rate_bpm: many.map(() => 120) }, "metric");
    expect(paused?.points.filter(({ y }) => y === null)).toHaveLength(1);
  });
});

it("adds up the time without values", () =>
  expect(missingTime_s([1, null, null, 1], [0, 10, 20, 30])).toBe(20));

describe("indexAt", () => {
  const time_s = [0, 10, 20, 30];
  it("finds the nearest sample", () =>
    expect([-5, 4, 6, 14, 99].map((x) => indexAt(time_s, x))).toEqual([0, 0, 1, 1, 3]));
});

it("cuts time into round steps", () => {
  expect(timeStep(3600, 8)).toBe(600);
  expect(timeStep(90, 8)).toBe(15);
  expect(timeStep(100_000, 8)).toBe(21_600);
});

it("cuts values into round steps", () => {
  expect([62, 450, 9, 0.7].map((span) => roundStep(span, 3))).toEqual([50, 200, 5, 0.5]);
});
