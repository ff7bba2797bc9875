"use client";
import type { WorkoutQuery } from "@/lib/api";
import { fromMetres, toMetres } from "@/lib/format";
import type { Units } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Select } from "@/ui/Select";

type Props = { query: WorkoutQuery; units: Units; onChange(change: Record<string, string>): void };

const iso = (date: Date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");

function daysAgo(days: number): string {
  const date = new Date();
  date.setDate(date.getDate() - days);
  return iso(date);
}

/** Every filter but text and sport; each applies when its field is left or Enter is pressed. */
export function FilterForm({ query, units, onChange }: Props) {
  const f = t.workouts.filters;
  const unit = units === "metric" ? "km" : "mi";
  const periods = [
    [f.periods.week, daysAgo(7)],
    [f.periods.month, daysAgo(30)],
    [f.periods.year, `${new Date().getFullYear()}-01-01`],
  ] as const;
  const km = (metres: number | undefined) =>
    metres === undefined ? "" : String(Number(fromMetres(metres, units).toFixed(2)));
  const minutes = (seconds: number | undefined) => (seconds === undefined ? "" : String(seconds / 60));
  const metres = (typed: string) => (typed ? String(Math.round(toMetres(Number(typed), units))) : "");
  const seconds = (typed: string) => (typed ? String(Math.round(Number(typed) * 60)) : "");
  const same = (typed: string) => typed;
  const field = (
    label: string,
    name: keyof WorkoutQuery,
    type: string,
    shown: string,
    read: (typed: string) => string,
  ) => (
    <TextField
      key={`${name} ${shown}`}
      label={label}
      type={type}
      min={type === "number" ? 0 : undefined}
      step={type === "number" ? "any" : undefined}
      inputMode={type === "number" ? "decimal" : undefined}
      defaultValue={shown}
      onBlur={(event) => {
        const typed = read(event.target.value);
        if (event.target.value !== shown && event.target.validity.valid) onChange({ [name]: typed });
      }}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap gap-2">
        {periods.map(([label, from]) => (
          <Button
            key={label}
            aria-pressed={query.from === from && !query.to}
            onClick={() => onChange({ from, to: "" })}
          >
            {label}
          </Button>
        ))}
      </div>
      <div className="grid grid-cols-2 gap-3">
        {field(f.from, "from", "date", query.from ?? "", same)}
        {field(f.to, "to", "date", query.to ?? "", same)}
        {field(f.minDistance(unit), "min_distance_m", "number", km(query.min_distance_m), metres)}
        {field(f.maxDistance(unit), "max_distance_m", "number", km(query.max_distance_m), metres)}
        {field(f.minDuration, "min_duration_s", "number", minutes(query.min_duration_s), seconds)}
        {field(f.maxDuration, "max_duration_s", "number", minutes(query.max_duration_s), seconds)}
        <Select
          label={f.source}
          value={query.source ?? ""}
          options={[["", f.anySource], ...Object.entries(t.workouts.providers)]}
          onChange={(event) => onChange({ source: event.target.value })}
        />
        {field(f.device, "device", "text", query.device ?? "", same)}
      </div>
    </div>
  );
}
