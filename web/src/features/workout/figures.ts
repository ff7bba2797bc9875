import { FIGURES, type FigureName, type WorkoutDetail } from "@/lib/api";
import {
  cadence,
  distance,
  duration,
  energy,
  figureName,
  heartRate,
  height,
  NONE,
  number,
  power,
  type Quantity,
  sourceLabel,
  tempo,
  tempoOf,
} from "@/lib/format";
import type { Units } from "@/lib/preferences";
import * as t from "@/texts/en";

/** A value of some field, as the page writes it; what is no number stays as it is. */
export function quantityOf(field: string, value: unknown, sport: string, units: Units): Quantity {
  if (value == null) return { figure: NONE, unit: "" };
  if (typeof value !== "number") return { figure: String(value), unit: "" };
  if (field.endsWith("_hr_bpm")) return heartRate(value);
  if (field.endsWith("_power_w")) return power(value);
  switch (field) {
    case "distance_m":
      return distance(value, units, sport);
    case "ascent_m":
      return height(value, units);
    case "avg_speed_mps":
      return tempo(value, sport, units);
    case "avg_cadence_rpm":
      return cadence(value, sport);
    case "energy_kcal":
      return energy(value);
    default:
      return field.endsWith("_s")
        ? { figure: duration(value), unit: "" }
        : { figure: number(value, 1), unit: "" };
  }
}

export const labelOf = (field: string, sport: string) =>
  field === "avg_speed_mps" && tempoOf(sport) !== "speed" ? figureName("pace") : figureName(field);

export type Shown = { field: FigureName; label: string; quantity: Quantity };

export function keyFigures(workout: WorkoutDetail, units: Units): Shown[] {
  const same = workout.moving_time_s !== null && Math.abs(workout.moving_time_s - workout.duration_s) < 1;
  return FIGURES.filter((field) => workout[field] !== null && !(field === "moving_time_s" && same)).map(
    (field) => ({
      field,
      label: labelOf(field, workout.sport),
      quantity: quantityOf(field, workout[field], workout.sport, units),
    }),
  );
}

export const sourceName = (workout: WorkoutDetail, id: string | null): string => {
  const source = workout.sources.find((candidate) => candidate.id === id);
  return source ? sourceLabel(source) : t.common.unknown;
};
