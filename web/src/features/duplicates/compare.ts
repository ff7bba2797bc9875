import type { Workout } from "@/lib/api";
import {
  distance,
  duration,
  heartRate,
  height,
  kindName,
  moment,
  NONE,
  power,
  text,
  zoneOf,
} from "@/lib/format";
import type { Preferences } from "@/lib/preferences";
import * as t from "@/texts/en";

/** One feature of two workouts; `agrees` is null where either says nothing. */
export type Row = { label: string; a: string; b: string; agrees: boolean | null };

const START_S = 300;
const SHARE = 0.05;

function near(a: number | null, b: number | null): boolean | null {
  if (a == null || b == null) return null;
  return Math.abs(a - b) <= SHARE * Math.max(Math.abs(a), Math.abs(b));
}

const devices = (workout: Workout) =>
  [...new Set(workout.sources.map((source) => source.device))].filter(Boolean).join(", ");

/** What agrees and what differs, by the matching rule of thumb: starts within 5 minutes, figures within 5 %. */
export function comparison(a: Workout, b: Workout, preferences: Preferences): Row[] {
  const { rows } = t.duplicates;
  const { units } = preferences;
  const row = <T>(
    label: string,
    value: (w: Workout) => T,
    show: (value: T) => string,
    agrees: boolean | null,
  ): Row => ({
    label,
    a: show(value(a)),
    b: show(value(b)),
    agrees,
  });
  const figure = (
    label: string,
    value: (w: Workout) => number | null,
    show: (value: number | null) => string,
  ) => row(label, value, show, near(value(a), value(b)));
  const apart_s = Math.abs(Date.parse(a.start_time) - Date.parse(b.start_time)) / 1000;
  const all = [
    row(
      rows.start,
      (w) => w,
      (w) => moment(w.start_time, zoneOf(w, preferences)),
      apart_s <= START_S,
    ),
    row(
      rows.sport,
      (w) => w,
      (w) => kindName(w.sport, w.sub_sport),
      a.sport === b.sport,
    ),
    figure(rows.duration, (w) => w.duration_s, duration),
    figure(rows.moving, (w) => w.moving_time_s, duration),
    figure(
      rows.distance,
      (w) => w.distance_m,
      (value) => text(distance(value, units, a.sport)),
    ),
    figure(
      rows.ascent,
      (w) => w.ascent_m,
      (value) => text(height(value, units)),
    ),
    figure(
      rows.heartRate,
      (w) => w.avg_hr_bpm,
      (value) => text(heartRate(value)),
    ),
    figure(
      rows.power,
      (w) => w.avg_power_w,
      (value) => text(power(value)),
    ),
    row(rows.device, devices, (names) => names || NONE, null),
  ];
  return all.filter(({ a: left, b: right }) => left !== NONE || right !== NONE);
}
