import type { Window } from "./calls";

export const RANGES = ["42", "90", "180", "365", "all"] as const;
export type Range = (typeof RANGES)[number];
const USUAL: Range = "90";
/** As many days as the API tells at once. */
const MOST_DAYS = 3_660;
const DAY_MS = 86_400_000;

export const rangeOf = (address: string | undefined): Range =>
  RANGES.find((range) => range === address) ?? USUAL;

/** What stands in the address: nothing for the usual range. */
export const addressOf = (range: Range) => (range === USUAL ? "" : range);

/** The days until today, in UTC as the API counts. */
export function windowOf(range: Range, now = Date.now()): Window {
  const days = range === "all" ? MOST_DAYS : Number(range);
  return { from: dayOf(now - (days - 1) * DAY_MS), to: dayOf(now) };
}

export const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** A day that somebody asked for, where it is one and is over. */
export function pastDay(text: string | undefined, now = Date.now()): string {
  const at = /^\d{4}-\d\d-\d\d$/.test(text ?? "") ? Date.parse(text ?? "") : Number.NaN;
  return Number.isNaN(at) || at >= Date.parse(dayOf(now)) ? "" : (text ?? "");
}
