import { NONE, number, type Quantity } from "@/lib/format";
import type { Units } from "@/lib/preferences";
import type { Kind, Reading } from "./calls";

const POUNDS_PER_KG = 2.2046226218;
const DAY_MS = 86_400_000;

export const RANGES = ["30", "90", "365"] as const;
export type Range = (typeof RANGES)[number];
export const USUAL_RANGE: Range = "90";

/** The order in which people ask for them. */
export const KINDS: readonly Kind[] = [
  "hrv_rmssd",
  "hrv_sdnn",
  "resting_hr",
  "sleep_duration",
  "nap_duration",
  "recovery_score",
  "respiration",
  "spo2",
  "temperature_deviation",
  "skin_temperature",
  "body_temperature",
  "weight",
  "body_fat",
  "vo2max",
  "steps",
  "energy",
  "active_energy",
];
const TIMES: ReadonlySet<Kind> = new Set<Kind>(["sleep_stages", "sleep_duration", "nap_duration"]);
const DIGITS: Partial<Record<Kind, number>> = {
  weight: 1,
  body_fat: 1,
  vo2max: 1,
  respiration: 1,
  temperature_deviation: 1,
  skin_temperature: 1,
  body_temperature: 1,
};
const SHORT_UNITS: Readonly<Record<string, string>> = {
  "points of 100": "",
  steps: "",
  "breaths/min": "/min",
};

export const isTime = (kind: Kind) => TIMES.has(kind);

/** A value as it is read: hours and minutes for times, pounds for who counts in them. */
export function shown(kind: Kind, value: number, unit: string, units: Units): Quantity {
  if (isTime(kind)) return { figure: hours(value), unit: "h" };
  if (kind === "weight" && units === "imperial")
    return { figure: number(value * POUNDS_PER_KG, 1), unit: "lb" };
  return { figure: number(value, DIGITS[kind] ?? 0), unit: SHORT_UNITS[unit] ?? unit };
}

/** 7:31 */
export function hours(seconds: number | null): string {
  if (seconds === null) return NONE;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/** In what is plotted: hours of times, else as it is shown. */
export function plotted(kind: Kind, value: number, units: Units): number {
  if (isTime(kind)) return value / 3600;
  return kind === "weight" && units === "imperial" ? value * POUNDS_PER_KG : value;
}

export type Standing = "usual" | "above" | "below";

/** Where a value lies against what is usual; null before that is known. */
export function standing({ value, usual }: Pick<Reading, "value" | "usual">): Standing | null {
  if (!usual) return null;
  if (value < usual.low) return "below";
  return value > usual.high ? "above" : "usual";
}

/** The newest of each kind in the order of the page. */
export const inOrder = (readings: readonly Reading[]): Reading[] =>
  readings.toSorted((a, b) => KINDS.indexOf(a.type) - KINDS.indexOf(b.type));

export const kindOf = (address: string | undefined, known: readonly Reading[]): Kind | undefined =>
  known.find(({ type }) => type === address)?.type ?? known[0]?.type;

export const rangeOf = (address: string | undefined): Range =>
  RANGES.find((range) => range === address) ?? USUAL_RANGE;

export const firstDay = (range: Range, now = Date.now()) =>
  new Date(now - (Number(range) - 1) * DAY_MS).toISOString().slice(0, 10);

/** Every day from the first to the last that is known, with its reading or none. */
export function everyDay(readings: readonly Reading[]): { date: string; reading: Reading | undefined }[] {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last) return [];
  const by = new Map(readings.map((reading) => [reading.date, reading]));
  const count = Math.round((Date.parse(last.date) - Date.parse(first.date)) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, n) => {
    const date = new Date(Date.parse(first.date) + n * DAY_MS).toISOString().slice(0, 10);
    return { date, reading: by.get(date) };
  });
}
