import type { Point } from "@/lib/charts/lttb";
import { decimate } from "@/lib/charts/lttb";
import { multiples, type Plot, type Tick } from "@/lib/charts/plot";
import { roundStep } from "@/lib/charts/steps";
import { number } from "@/lib/format";
import * as t from "@/texts/en";
import type { LoadDay } from "./calls";
import { BANDS } from "./form";

const LIMIT = 1000;
/** More days than this, and a bar is the mean of a week. */
const DAILY_BARS = 200;
const WEEK = 7;
/** What two names of days beside each other take. */
const TODAY_PX = 60;
const UTC: Intl.DateTimeFormatOptions = { timeZone: "UTC" };

type Metric = "tss" | "ctl" | "atl" | "tsb";

export const weekly = (days: readonly LoadDay[]) => days.length > DAILY_BARS;

const points = (days: readonly LoadDay[], metric: Metric): Point[] =>
  days.map((day, x) => ({ x, y: day[metric] ?? null }));

function bars(days: readonly LoadDay[]): Point[] {
  if (!weekly(days)) return points(days, "tss");
  return Array.from({ length: Math.ceil(days.length / WEEK) }, (_, week) => {
    const of = days.slice(week * WEEK, (week + 1) * WEEK);
    return {
      x: week * WEEK + (of.length - 1) / 2,
      y: of.reduce((sum, day) => sum + (day.tss ?? 0), 0) / of.length,
    };
  });
}

const axis = (low: number, high: number, most: number): Tick[] =>
  multiples(low, high, roundStep(high - low, most)).map((at) => ({ at, text: number(at) }));

/** First days of months, and of years where there are many; mondays where there are few. */
export function dayTicks(days: readonly { date: string }[], width: number): Tick[] {
  const most = Math.max(2, Math.floor(width / 90));
  const at = (day: { date: string }) => new Date(`${day.date}T00:00:00Z`);
  const name = (day: { date: string }, options: Intl.DateTimeFormatOptions) =>
    at(day).toLocaleDateString("en-GB", { ...UTC, ...options });
  const pick = (wanted: (date: Date) => boolean, options: Intl.DateTimeFormatOptions): Tick[] =>
    days.flatMap((day, x) => (wanted(at(day)) ? [{ at: x, text: name(day, options) }] : []));
  if (days.length <= 70) {
    const mondays = pick((date) => date.getUTCDay() === 1, { day: "numeric", month: "short" });
    const every = Math.ceil(mondays.length / most);
    return mondays.filter((_, n) => n % every === 0);
  }
  const months = pick((date) => date.getUTCDate() === 1, { month: "short" });
  const every = [1, 2, 3, 6, 12, 24].find((n) => months.length / n <= most) ?? 60;
  return pick(
    (date) => date.getUTCDate() === 1 && (date.getUTCFullYear() * 12 + date.getUTCMonth()) % every === 0,
    every >= 12
      ? { year: "numeric" }
      : days.length > 400
        ? { month: "short", year: "2-digit" }
        : { month: "short" },
  );
}

const highest = (all: readonly Point[][]) =>
  Math.max(10, ...all.flatMap((some) => some.map(({ y }) => y ?? 0)));

/** The days; where today is `marked` the last one is named, in the place of what is too near to it. */
export function dayAxis(days: readonly { date: string }[], width: number, marked: boolean): Plot["x"] {
  const [last, room] = [days.length - 1, (TODAY_PX * days.length) / width];
  const ticks = dayTicks(days, width);
  const before = ticks.filter(({ at }) => last - at > room);
  return {
    from: -0.5,
    to: days.length - 0.5,
    ticks: marked ? [...before, { at: last, text: t.load.today }] : ticks,
  };
}

/** Load as bars, fitness as a line, fatigue dashed; where today is `marked`, the lines end in a dot. */
export const loadPlot =
  (days: readonly LoadDay[], marked = false) =>
  (width: number): Plot => {
    const all = [bars(days), points(days, "ctl"), points(days, "atl")] as const;
    const top = highest([...all]) * 1.05;
    return {
      series: [
        { points: all[0], colour: "--control", kind: "bars" },
        { points: decimate(all[1], LIMIT), colour: "--accent", ends: marked },
        { points: decimate(all[2], LIMIT), colour: "--pulse", dashed: true, ends: marked },
      ],
      x: { ...dayAxis(days, width, marked), hidden: true },
      y: { from: 0, to: top, ticks: axis(0, top, 4) },
    };
  };

/** Form over the bands that it can lie in. */
export const formPlot =
  (days: readonly LoadDay[], marked = false) =>
  (width: number): Plot => {
    const line = points(days, "tsb");
    const ys = line.flatMap(({ y }) => (y === null ? [] : [y]));
    const [low, high] = [Math.min(-20, ...ys) - 4, Math.max(12, ...ys) + 4];
    return {
      series: [{ points: decimate(line, LIMIT), colour: "--turn", ends: marked }],
      x: dayAxis(days, width, marked),
      y: { from: low, to: high, ticks: axis(low, high, 4) },
      bands: BANDS.map(({ name, ...band }) => ({ ...band, text: t.load.form.bands[name] })),
    };
  };
