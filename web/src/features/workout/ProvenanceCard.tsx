"use client";
import type { ReactNode } from "react";
import type { WorkoutDetail } from "@/lib/api";
import { number, text, words } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { quantityOf, sourceName } from "./figures";

/** The source of one figure, the rule that chose it, what it was before conversion, and what lost to it. */
export function ProvenanceCard({ workout, field }: { workout: WorkoutDetail; field: string }) {
  const { units } = usePreferences();
  const p = t.workouts.provenance;
  const origin = workout.provenance[field];
  if (!origin) return <p className="text-muted">{p.none}</p>;
  const shown = (value: unknown) => text(quantityOf(field, value, workout.sport, units));
  const original =
    typeof origin.value_original === "number"
      ? number(origin.value_original, 2)
      : (origin.value_original ?? null);
  return (
    <dl className="flex flex-col gap-3">
      {origin.source_id && <Entry term={p.from}>{sourceName(workout, origin.source_id)}</Entry>}
      <Entry term={p.rule}>{p.rules[origin.rule] ?? words(origin.rule)}</Entry>
      {origin.derived && <Entry term={p.how}>{p.derived}</Entry>}
      {original !== null && (
        <Entry term={p.original}>{text({ figure: original, unit: origin.unit_original ?? "" })}</Entry>
      )}
      {origin.alternatives.length > 0 && (
        <Entry term={p.alternatives}>
          <ul>
            {origin.alternatives.map((other) => (
              <li key={other.source_id ?? ""} className="flex justify-between gap-4">
                <span className="min-w-0 truncate">{sourceName(workout, other.source_id)}</span>
                <span className="figures shrink-0">{shown(other.value)}</span>
              </li>
            ))}
          </ul>
        </Entry>
      )}
    </dl>
  );
}

function Entry({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted">{term}</dt>
      <dd className="mt-0.5">{children}</dd>
    </div>
  );
}
