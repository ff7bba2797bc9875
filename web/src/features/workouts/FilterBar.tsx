"use client";
import { Search, X } from "lucide-react";
import { lazy, useEffect, useRef, useState } from "react";
import type { WorkoutQuery } from "@/lib/api";
import { usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import * as t from "@/texts/en";
import { inputClass } from "@/ui/Field";
import { Later } from "@/ui/Later";
import { Select } from "@/ui/Select";
import { activeFilters } from "./query";

const FilterPopover = lazy(() => import("./FilterPopover"));

type Props = {
  query: WorkoutQuery;
  count: string;
  onChange(change: Record<string, string>): void;
  onClear(): void;
};

export function FilterBar({ query, count, onChange, onClear }: Props) {
  const { units } = usePreferences();
  const f = t.workouts.filters;
  const active = activeFilters(query, units);
  return (
    <section aria-label={f.title} className="mb-4 flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField value={query.q ?? ""} onChange={(q) => onChange({ q })} />
        <Select
          label={f.sport}
          hideLabel
          className="w-36 max-sm:flex-1"
          value={query.sport ?? ""}
          options={[["", f.anySport], ...Object.entries(t.workouts.sports)]}
          onChange={(event) => onChange({ sport: event.target.value })}
        />
        <Later place="h-9 w-26 pointer-coarse:h-11">
          <FilterPopover query={query} onChange={onChange} />
        </Later>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <span role="status" className="figures text-muted">
          {count}
        </span>
        {active.map(({ keys, label }) => (
          <button
            key={label}
            type="button"
            aria-label={f.remove(label)}
            onClick={() => onChange(Object.fromEntries(keys.map((key) => [key, ""])))}
            className="figures inline-flex min-h-6 pointer-coarse:min-h-9 items-center gap-1.5 rounded-full border border-accent/30 bg-accent-soft px-2.5 text-xs text-accent hover:border-accent"
          >
            {label}
            <X size={13} aria-hidden />
          </button>
        ))}
        {active.length > 1 && (
          <button
            type="button"
            onClick={onClear}
            className="min-h-6 px-1 text-xs text-accent hover:underline"
          >
            {f.clear}
          </button>
        )}
        <Select
          label={t.workouts.sort}
          hideLabel
          className="ml-auto w-44"
          value={query.sort ?? ""}
          options={Object.entries(t.workouts.sorts)}
          onChange={(event) => onChange({ sort: event.target.value })}
        />
      </div>
    </section>
  );
}

const TYPING_MS = 250;

/** Searches as someone types, a moment after the last key. */
function SearchField({ value, onChange }: { value: string; onChange(value: string): void }) {
  const [typed, setTyped] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => latest.current(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  useShortcuts({ "/": () => input.current?.focus() });
  return (
    <div className="relative w-full sm:w-60">
      <Search
        size={16}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-muted"
      />
      <input
        ref={input}
        type="search"
        value={typed}
        aria-label={t.workouts.filters.search}
        placeholder={t.workouts.filters.search}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && (typed ? setTyped("") : input.current?.blur())}
        className={`${inputClass} pl-9`}
      />
    </div>
  );
}
