import type { WorkoutQuery } from "@/lib/api";
import { distance, duration, providerName, sportName, text } from "@/lib/format";
import type { Units } from "@/lib/preferences";
import * as t from "@/texts/en";

/** The filters as they stand in the address: the API's own names, metric, so that a link means the same to all. */
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

export const FILTERS = [
  "q",
  "sport",
  "from",
  "to",
  "min_distance_m",
  "max_distance_m",
  "min_duration_s",
  "max_duration_s",
  "source",
  "device",
] as const;
const NUMBERS = new Set(["min_distance_m", "max_distance_m", "min_duration_s", "max_duration_s"]);
const DATES = new Set(["from", "to"]);

export const DEFAULT_SORT = "-start_time";

/** Reads the address, leaving out what makes no sense instead of failing on it. */
export function workoutQuery(address: Readonly<Record<string, string>>): WorkoutQuery {
  const query: Record<string, string | number> = {};
  for (const name of FILTERS) {
    const value = address[name]?.trim();
    if (!value) continue;
    if (NUMBERS.has(name)) {
      const number = Number(value);
      if (Number.isFinite(number) && number >= 0) query[name] = number;
    } else if (!DATES.has(name) || /^\d{4}-\d{2}-\d{2}$/.test(value)) query[name] = value;
  }
  const sort = address.sort ?? "";
  return { ...query, sort: sort in t.workouts.sorts ? sort : DEFAULT_SORT };
}

export const hasFilters = (query: WorkoutQuery) => Object.keys(query).some((key) => key !== "sort");

/** The filters that hold, in words, with the keys to remove. */
export function activeFilters(query: WorkoutQuery, units: Units): { keys: string[]; label: string }[] {
  const { columns, filters } = t.workouts;
  const km = (metres: number | undefined) => (metres === undefined ? "" : text(distance(metres, units)));
  const time = (seconds: number | undefined) => (seconds === undefined ? "" : duration(seconds));
  const range = (name: string, low: string, high: string) => {
    if (low && high) return `${name} ${low} – ${high}`;
    return low ? `${name} ≥ ${low}` : `${name} ≤ ${high}`;
  };
  const found = [
    query.sport && { keys: ["sport"], label: sportName(query.sport) },
    query.from && { keys: ["from"], label: `${filters.from} ${query.from}` },
    query.to && { keys: ["to"], label: `${filters.to} ${query.to}` },
    (query.min_distance_m !== undefined || query.max_distance_m !== undefined) && {
      keys: ["min_distance_m", "max_distance_m"],
      label: range(columns.distance, km(query.min_distance_m), km(query.max_distance_m)),
    },
    (query.min_duration_s !== undefined || query.max_duration_s !== undefined) && {
      keys: ["min_duration_s", "max_duration_s"],
      label: range(columns.duration, time(query.min_duration_s), time(query.max_duration_s)),
    },
    query.source && { keys: ["source"], label: providerName(query.source) },
    query.device && { keys: ["device"], label: `${filters.device} ${query.device}` },
  ];
  return found.filter((filter) => typeof filter === "object");
}
