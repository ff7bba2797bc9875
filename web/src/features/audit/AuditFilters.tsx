"use client";
import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useAllMembers } from "@/features/organization/queries";
import { useShortcuts } from "@/lib/shortcuts";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { inputClass } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { type Filters, inWords } from "./filters";

const f = t.audit.filters;
const PAUSE_MS = 300;
type Change = (change: Record<string, string>) => void;
type Props = { filters: Filters; count: string; onChange: Change; onClear(): void };

export function AuditFilters({ filters, count, onChange, onClear }: Props) {
  const members = useAllMembers();
  const names = new Map(members.data?.map((member) => [member.account_id, member.name]));
  const nameOf = (account: string) => names.get(account) ?? t.audit.former;
  const actors = [...names.keys(), ...(filters.actor && !names.has(filters.actor) ? [filters.actor] : [])];
  const known = {
    ...t.audit.actions,
    ...(filters.action && !(filters.action in t.audit.actions) && { [filters.action]: filters.action }),
  };
  const held = inWords(filters, nameOf);
  return (
    <section aria-label={f.title} className="mb-4 flex flex-col gap-3">
      <div className="grid grid-cols-2 gap-2 lg:grid-cols-[minmax(0,2fr)_repeat(3,minmax(0,1fr))]">
        <TypedFilter slash label={f.search} value={filters.q ?? ""} onChange={(q) => onChange({ q })} />
        <Select
          label={f.actor}
          hideLabel
          value={filters.actor ?? ""}
          options={[["", f.anybody], ...actors.map((id) => [id, nameOf(id)] as const)]}
          onChange={(event) => onChange({ actor: event.target.value })}
        />
        <Select
          label={f.action}
          hideLabel
          value={filters.action ?? ""}
          options={[["", f.anything], ...Object.entries(known)]}
          onChange={(event) => onChange({ action: event.target.value })}
        />
        <Select
          label={f.outcome}
          hideLabel
          className="max-lg:col-span-2"
          value={filters.outcome ?? ""}
          options={[["", f.anyOutcome], ...Object.entries(t.audit.outcomes)]}
          onChange={(event) => onChange({ outcome: event.target.value })}
        />
        <TypedFilter
          label={f.resource}
          value={filters.resource ?? ""}
          onChange={(resource) => onChange({ resource })}
        />
        <DayField label={f.from} value={filters.from ?? ""} onChange={(from) => onChange({ from })} />
        <DayField label={f.to} value={filters.to ?? ""} onChange={(to) => onChange({ to })} />
      </div>
      <div className="flex min-h-9 flex-wrap items-center gap-2">
        {held.map(({ name, label }) => (
          <button
            key={name}
            type="button"
            aria-label={f.remove(label)}
            onClick={() => onChange({ [name]: "" })}
            className="inline-flex min-h-7 pointer-coarse:min-h-11 max-w-full items-center gap-1 rounded-md border border-accent/25 bg-accent-soft px-2 text-xs text-accent"
          >
            <span className="truncate">{label}</span>
            <X size={13} aria-hidden className="shrink-0" />
          </button>
        ))}
        {(held.length > 0 || filters.q) && (
          <Button look="quiet" onClick={onClear}>
            {f.clear}
          </Button>
        )}
        <span role="status" className="figures ml-auto text-xs text-muted">
          {count}
        </span>
      </div>
    </section>
  );
}

function DayField({ label, value, onChange }: { label: string; value: string; onChange(day: string): void }) {
  return (
    <label className="flex min-w-0 flex-col gap-x-2 lg:flex-row lg:items-center">
      <span className="w-8 shrink-0 text-xs text-muted lg:text-right">{label}</span>
      <input
        type="date"
        value={value}
        title={label}
        onChange={(event) => onChange(event.target.value)}
        className={`${inputClass} min-w-0`}
      />
    </label>
  );
}

type TypedProps = { label: string; slash?: boolean; value: string; onChange(text: string): void };

/** Filters a moment after the last key, so that not every letter is asked for; `slash` leads to it. */
function TypedFilter({ label, slash = false, value, onChange }: TypedProps) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  useShortcuts(slash ? { "/": () => field.current?.focus() } : {});
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => latest.current(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <div className="relative col-span-2 min-w-0 lg:col-span-1">
      <Search
        size={16}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-muted"
      />
      <input
        ref={field}
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={100}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`${inputClass} pl-9`}
      />
    </div>
  );
}
