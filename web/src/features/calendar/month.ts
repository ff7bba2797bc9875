import type { Workout } from "@/lib/api";

/** A month as it stands in the address: "2026-11". Days are "2026-11-27", weeks begin on Monday. */
export type Entry = Pick<
  Workout,
  | "id"
  | "start_time"
  | "local_start_time"
  | "sport"
  | "sub_sport"
  | "title"
  | "duration_s"
  | "moving_time_s"
  | "distance_m"
  | "load"
>;

const WEEK = 7;
const two = (n: number) => String(n).padStart(2, "0");
/** Days are counted at noon in UTC, where no clock is ever changed. */
const at = (day: string) => new Date(`${day}T12:00:00Z`);
const dayOf = (date: Date) => date.toISOString().slice(0, 10);

export function plusDays(day: string, days: number): string {
  const date = at(day);
  date.setUTCDate(date.getUTCDate() + days);
  return dayOf(date);
}

/** Today where the person is. */
export const today = (now = new Date()) =>
  `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;

const monthOf = (day: string) => day.slice(0, 7);

/** The month that is asked for, where it is one; else the present one. */
export function monthAsked(address: string | undefined, now = new Date()): string {
  return /^(19|20|21)\d\d-(0[1-9]|1[0-2])$/.test(address ?? "") ? (address ?? "") : monthOf(today(now));
}

export function plusMonths(month: string, months: number): string {
  const date = at(`${month}-01`);
  date.setUTCMonth(date.getUTCMonth() + months);
  return monthOf(dayOf(date));
}

/** What the address says of a month: nothing of the present one. */
export const addressOf = (month: string, now = new Date()) => (month === monthOf(today(now)) ? "" : month);

/** "November 2026" */
export const monthName = (month: string) =>
  new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(
    at(`${month}-01`),
  );

/** The weeks that a month has a day in, each from its Monday. */
export function weeksOf(month: string): string[][] {
  const first = `${month}-01`;
  const end = `${plusMonths(month, 1)}-01`;
  const weeks: string[][] = [];
  let monday = plusDays(first, -((at(first).getUTCDay() + 6) % WEEK));
  while (monday < end) {
    const from = monday;
    weeks.push(Array.from({ length: WEEK }, (_, n) => plusDays(from, n)));
    monday = plusDays(monday, WEEK);
  }
  return weeks;
}

/** The day of a workout: that of the place where it began, as load counts it. */
export const localDay = ({ local_start_time: local }: Entry) => local.slice(0, "2026-11-27".length);

/** The workouts of each day, the earliest first. */
export function byDay(workouts: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const days = new Map<string, Entry[]>();
  for (const one of [...workouts].sort((a, b) => a.start_time.localeCompare(b.start_time))) {
    const day = localDay(one);
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  return days;
}
