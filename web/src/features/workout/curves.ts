import type { Channel, Streams, WorkoutDetail } from "@/lib/api";
import { decimate, type Point } from "@/lib/charts/lttb";
import { roundStep } from "@/lib/charts/steps";
import {
  breaths,
  cadence,
  duration,
  heartRate,
  height,
  power,
  temperature,
  tempo,
  tempoOf,
  text,
} from "@/lib/format";
import type { Units } from "@/lib/preferences";
import * as t from "@/texts/en";

/** One curve, ready to draw: its points in shown units, and how to write a value of its channel. */
export type Curve = {
  channel: Channel;
  name: string;
  colour: string;
  filled: boolean;
  /** Pace grows downwards: faster is higher. */
  reversed: boolean;
  points: Point[];
  low: number;
  high: number;
  /** Between two lines of the grid. */
  step: number;
  sentence: string;
  /** Writes a value on the axis (in the axis's own unit). */
  tick(y: number): string;
  /** Writes the sample at an index of `time_s`. */
  at(index: number): string;
};

const SHOWN: readonly Channel[] = [
  "heart_rate_bpm",
  "speed_mps",
  "power_w",
  "altitude_m",
  "cadence_rpm",
  "temperature_c",
  "respiration_rpm",
];
const COLOURS: Partial<Record<Channel, string>> = {
  heart_rate_bpm: "--pulse",
  speed_mps: "--accent",
  power_w: "--effort",
  altitude_m: "--ground",
  cadence_rpm: "--turn",
};
const LIMIT = 1000;
const PAUSE_S = 120;
const PAUSE_STEPS = 30;
const MISSING_S = 60;

const IMPERIAL: Partial<Record<Channel, (y: number) => number>> = {
  altitude_m: (y) => y / 0.3048,
  temperature_c: (y) => y * 1.8 + 32,
};

export function curvesOf(workout: WorkoutDetail, streams: Streams, units: Units): Curve[] {
  return SHOWN.flatMap((channel) => {
    const values = streams[channel];
    return values?.some((value) => value !== null) ? [curve(workout, streams, channel, values, units)] : [];
  });
}

function curve(
  workout: WorkoutDetail,
  { time_s }: Streams,
  channel: Channel,
  values: (number | null)[],
  units: Units,
): Curve {
  const { sport } = workout;
  const paced = channel === "speed_mps" && tempoOf(sport) !== "speed";
  const axis = axisOf(channel, sport, units, paced);
  const points = decimate(withPauses(time_s, values, axis), LIMIT);
  const [low, high] = range(points, paced);
  const name = t.workouts.channels[channel === "speed_mps" ? (paced ? "pace" : "speed") : channel] ?? channel;
  const write = (value: number | null) => text(writer(channel, sport, units)(value));
  return {
    channel,
    name,
    colour: COLOURS[channel] ?? "--muted",
    filled: channel === "altitude_m",
    reversed: paced,
    points,
    low,
    high,
    step: paced ? timeStep(high - low, 3) : roundStep(high - low, 3),
    sentence: sentence(workout, channel, name, values, time_s, write),
    tick: (y) => (paced ? duration(y) : String(Math.round(y))),
    at: (index) => write(values[index] ?? null),
  };
}

function writer(channel: Channel, sport: string, units: Units) {
  switch (channel) {
    case "speed_mps":
      return (value: number | null) => tempo(value, sport, units);
    case "altitude_m":
      return (value: number | null) => height(value, units);
    case "power_w":
      return power;
    case "cadence_rpm":
      return (value: number | null) => cadence(value, sport);
    case "temperature_c":
      return (value: number | null) => temperature(value, units);
    case "respiration_rpm":
      return breaths;
    default:
      return heartRate;
  }
}

/** From a stored value to where it lies on the axis: pace in seconds, speed in km/h, steps a minute. */
function axisOf(channel: Channel, sport: string, units: Units, paced: boolean): (y: number) => number | null {
  if (channel === "cadence_rpm") return (y) => Number(cadence(y, sport).figure.replace(",", ""));
  if (channel !== "speed_mps") return units === "imperial" ? (IMPERIAL[channel] ?? same) : same;
  if (!paced) return (y) => y * (units === "metric" ? 3.6 : 2.236936);
  const lengths = {
    pace: units === "metric" ? 1000 : 1609.344,
    pace100: units === "metric" ? 100 : 91.44,
    pace500: 500,
    speed: 1,
  };
  const metres = lengths[tempoOf(sport)];
  return (y) => (y > 0.1 ? metres / y : null);
}

const same = (y: number) => y;

/** A pause in which nothing was written is a gap, like missing values: no line is drawn across it. */
function withPauses(
  time_s: readonly number[],
  values: readonly (number | null)[],
  axis: (y: number) => number | null,
): Point[] {
  const pause = Math.max(PAUSE_S, PAUSE_STEPS * ((time_s.at(-1) ?? 0) / Math.max(1, time_s.length)));
  const points: Point[] = [];
  let previous = time_s[0] ?? 0;
  for (const [index, x] of time_s.entries()) {
    if (x - previous > pause) points.push({ x: previous, y: null });
    const value = values[index] ?? null;
    points.push({ x, y: value === null ? null : axis(value) });
    previous = x;
  }
  return points;
}

/** The axis shows what lies in the curve; a pace while standing still must not flatten the rest. */
function range(points: readonly Point[], paced: boolean): [number, number] {
  const ys = points.flatMap(({ y }) => (y === null ? [] : [y])).sort((a, b) => a - b);
  const at = (share: number) => ys[Math.min(ys.length - 1, Math.floor(share * ys.length))] ?? 0;
  const [low, high] = paced ? [at(0.005), at(0.96)] : [at(0), at(1)];
  const margin = Math.max((high - low) * 0.06, 1);
  return [low - margin, high + margin];
}

function sentence(
  workout: WorkoutDetail,
  channel: Channel,
  name: string,
  values: readonly (number | null)[],
  time_s: readonly number[],
  write: (value: number | null) => string,
): string {
  const measured = values.filter((value) => value !== null);
  const low = write(Math.min(...measured));
  const high = write(Math.max(...measured));
  const averages: Partial<Record<Channel, number | null>> = {
    heart_rate_bpm: workout.avg_hr_bpm,
    speed_mps: workout.avg_speed_mps,
    power_w: workout.avg_power_w,
    cadence_rpm: workout.avg_cadence_rpm,
  };
  const average = averages[channel];
  const missing_s = missingTime_s(values, time_s);
  const gaps = missing_s >= MISSING_S ? t.workouts.gaps(duration(missing_s)) : "";
  const paced = channel === "speed_mps" && tempoOf(workout.sport) !== "speed";
  if (paced && average != null) return t.workouts.bestPace(write(average), high) + gaps;
  const said =
    average != null ? t.workouts.curve(name, write(average), low, high) : t.workouts.between(name, low, high);
  return said + gaps;
}

/** Seconds between the samples around each run of missing values. */
export function missingTime_s(values: readonly (number | null)[], time_s: readonly number[]): number {
  let missing = 0;
  for (let index = 1; index < values.length; index++)
    if (values[index] === null) missing += (time_s[index] ?? 0) - (time_s[index - 1] ?? 0);
  return missing;
}

/** The sample nearest to a moment. */
export function indexAt(time_s: readonly number[], x: number): number {
  let [low, high] = [0, time_s.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((time_s[middle] ?? 0) <= x) low = middle;
    else high = middle;
  }
  return x - (time_s[low] ?? 0) < (time_s[high] ?? 0) - x ? low : high;
}

const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600];

/** A round step in seconds that cuts a span into at most `most` pieces. */
export function timeStep(span_s: number, most: number): number {
  return STEPS.find((step) => span_s / step <= most) ?? Math.ceil(span_s / most / 21_600) * 21_600;
}
