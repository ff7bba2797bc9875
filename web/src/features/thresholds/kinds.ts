import { duration, heartRate, number, power, tempo, text } from "@/lib/format";
import type { Units } from "@/lib/preferences";
import * as t from "@/texts/en";
import type { Kind, Value } from "./calls";

const POUNDS = 2.204_622_6;
const METRES = { metric: 1000, imperial: 1609.344 };
const unitOfPace = { metric: "/km", imperial: "/mi" };
const unitOfWeight = { metric: "kg", imperial: "lb" };

/** What a person sets, the most telling first. */
export const KINDS = [
  "ftp_w",
  "lthr_bpm",
  "threshold_speed_mps",
  "max_hr_bpm",
  "resting_hr_bpm",
  "weight_kg",
  "birth_year",
  "sex",
] as const satisfies readonly Kind[];
export type SingleKind = (typeof KINDS)[number];

/** Who one is does not begin on a day. */
export const isLifelong = (kind: Kind) => kind === "sex" || kind === "birth_year";

export const nameOf = (kind: Kind) => t.thresholds.names[kind] ?? kind;

/** A value as its person says it. */
export function shownValue(kind: Kind, value: Value, units: Units): string {
  if (Array.isArray(value)) return shownStarts(kind, value, units);
  if (typeof value === "string") return t.thresholds.sexes[value] ?? value;
  switch (kind) {
    case "ftp_w":
      return text(power(value));
    case "threshold_speed_mps":
      return text(tempo(value, "run", units));
    case "weight_kg":
      return text({
        figure: number(units === "metric" ? value : value * POUNDS, 1),
        unit: unitOfWeight[units],
      });
    case "birth_year":
      return String(value);
    default:
      return text(heartRate(value));
  }
}

/** Where zones begin, but for the first: that one begins at nothing. */
function shownStarts(kind: Kind, starts: readonly number[], units: Units): string {
  const said = (start: number) => {
    if (kind === "speed_zones_mps") return text(tempo(start, "run", units));
    return text(kind === "power_zones_w" ? power(start) : heartRate(start));
  };
  if (starts.length === 0) return t.thresholds.own.derived;
  return starts
    .filter((start) => start > 0)
    .map(said)
    .join(" · ");
}

export function unitOf(kind: Kind, units: Units): string | null {
  if (kind === "ftp_w") return "W";
  if (kind === "threshold_speed_mps") return unitOfPace[units];
  if (kind === "weight_kg") return unitOfWeight[units];
  return isLifelong(kind) ? null : "bpm";
}

/** What stands in a field for a value, as it may be typed. */
export function typedOf(kind: Kind, value: Value | null, units: Units): string {
  if (value === null || Array.isArray(value)) return "";
  if (typeof value === "string") return value;
  if (kind === "threshold_speed_mps") return duration(METRES[units] / value);
  if (kind === "weight_kg")
    return String(Math.round(10 * (units === "metric" ? value : value * POUNDS)) / 10);
  return String(value);
}

/** What was typed, in the API's unit; null where it is nothing that can be meant. */
export function parsed(kind: Kind, typed: string, units: Units): number | string | null {
  const said = typed.trim().replace(",", ".");
  if (kind === "sex") return said in t.thresholds.sexes ? said : null;
  if (kind === "threshold_speed_mps") {
    const [, minutes, seconds] = said.match(/^(\d{1,2}):([0-5]\d)$/) ?? [];
    const pace_s = Number(minutes) * 60 + Number(seconds);
    return pace_s > 0 ? Math.round((1e4 * METRES[units]) / pace_s) / 1e4 : null;
  }
  const value = said === "" ? Number.NaN : Number(said);
  if (!Number.isFinite(value)) return null;
  return kind === "weight_kg" && units === "imperial" ? Math.round((1e3 * value) / POUNDS) / 1e3 : value;
}
