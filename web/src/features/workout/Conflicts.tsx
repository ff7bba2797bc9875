"use client";
import type { Conflict, WorkoutDetail } from "@/lib/api";
import { text } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { type Column, DataTable } from "@/ui/DataTable";
import { labelOf, quantityOf, sourceName } from "./figures";

const p = t.workouts.page;

/** Disagreement is shown, not hidden. */
export function Conflicts({ workout }: { workout: WorkoutDetail }) {
  const { units } = usePreferences();
  if (workout.conflicts.length === 0) return null;
  const side = (field: string, { source_id, value }: Conflict["kept"]) => (
    <>
      {text(quantityOf(field, value, workout.sport, units))}
      <span className="block text-xs whitespace-normal text-muted">{sourceName(workout, source_id)}</span>
    </>
  );
  const columns: Column<Conflict>[] = [
    { key: "field", label: p.field, value: ({ field }) => labelOf(field, workout.sport) },
    { key: "kept", label: p.kept, text: true, value: ({ field, kept }) => side(field, kept) },
    { key: "lost", label: p.lost, text: true, value: ({ field, lost }) => side(field, lost) },
  ];
  return (
    <Card title={p.conflicts} lead={p.conflictsLead} flush>
      <DataTable
        label={p.conflicts}
        columns={columns}
        rows={workout.conflicts}
        keyOf={({ field, lost }) => `${field} ${lost.source_id}`}
      />
    </Card>
  );
}
