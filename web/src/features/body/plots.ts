import { dayTicks } from "@/features/load/plots";
import { multiples, type Plot, type Tick } from "@/lib/charts/plot";
import { roundStep } from "@/lib/charts/steps";
import { number } from "@/lib/format";
import type { Units } from "@/lib/preferences";
import type { Kind, Reading } from "./calls";
import { hours, isTime, plotted } from "./reading";

type Day = { date: string; reading: Reading | undefined };

/** The value of each day over the band of what was usual before it. */
export const readingsPlot =
  (kind: Kind, days: readonly Day[], units: Units) =>
  (width: number): Plot => {
    const line = (of: (reading: Reading) => number | null | undefined) =>
      days.map(({ reading }, x) => {
        const value = reading && of(reading);
        return { x, y: value == null ? null : plotted(kind, value, units) };
      });
    const values = line(({ value }) => value);
    const [low, high] = [line(({ usual }) => usual?.low), line(({ usual }) => usual?.high)];
    const ys = [...values, ...low, ...high].flatMap(({ y }) => (y === null ? [] : [y]));
    const [least, most] = [Math.min(...ys), Math.max(...ys)];
    const room = Math.max((most - least) * 0.1, Math.abs(most) * 0.02, 0.1);
    const [from, to] = [least - room, most + room];
    return {
      series: [
        { points: low, colour: "--control", dashed: true },
        { points: high, colour: "--control", dashed: true },
        { points: values, colour: "--accent" },
      ],
      x: { from: -0.5, to: days.length - 0.5, ticks: dayTicks(days, width) },
      y: { from, to, ticks: isTime(kind) ? timeTicks(from, to) : valueTicks(from, to) },
    };
  };

/** Quarters, halves or whole hours. */
function timeTicks(from: number, to: number): Tick[] {
  const step = [0.25, 0.5, 1, 2].find((one) => (to - from) / one <= 4) ?? 4;
  return multiples(from, to, step).map((at) => ({ at, text: hours(at * 3600) }));
}

function valueTicks(from: number, to: number): Tick[] {
  const step = roundStep(to - from, 4);
  const digits = step < 1 ? (step < 0.1 ? 2 : 1) : 0;
  return multiples(from, to, step).map((at) => ({ at, text: number(at, digits) }));
}
