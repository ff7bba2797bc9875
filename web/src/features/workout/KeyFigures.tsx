"use client";
import type { WorkoutDetail } from "@/lib/api";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Popover } from "@/ui/Popover";
import { keyFigures, type Shown, sourceName } from "./figures";
import { ProvenanceCard } from "./ProvenanceCard";

/** The figures; each opens where it comes from. */
export function KeyFigures({ workout }: { workout: WorkoutDetail }) {
  const { units } = usePreferences();
  return (
    <section aria-label={t.workouts.page.figures}>
      <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-surface sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-6">
        {keyFigures(workout, units).map((shown) => (
          <li key={shown.field} className="shadow-[0_0_0_1px_var(--line)]">
            <Popover
              title={t.workouts.provenance.title(shown.label)}
              trigger={
                <button
                  type="button"
                  className="h-full w-full px-4 py-3 text-left -outline-offset-2! hover:bg-sunken"
                />
              }
              content={<Figure workout={workout} shown={shown} />}
            >
              <ProvenanceCard workout={workout} field={shown.field} />
            </Popover>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-xs text-muted">{t.workouts.page.figureHint}</p>
    </section>
  );
}

function Figure({ workout, shown }: { workout: WorkoutDetail; shown: Shown }) {
  const origin = workout.provenance[shown.field];
  const edited = workout.edits.some((edit) => edit.field === shown.field);
  return (
    <>
      <span className="block truncate text-xs text-muted">{shown.label}</span>
      <span className="figures mt-0.5 block text-2xl font-semibold whitespace-nowrap">
        {shown.quantity.figure}
        {shown.quantity.unit && (
          <span className="text-sm font-normal text-muted">&nbsp;{shown.quantity.unit}</span>
        )}
      </span>
      {workout.sources.length > 1 && (edited || origin?.source_id) && (
        <span className="block truncate text-xs text-muted">
          {edited ? t.workouts.flags.edited?.[0] : sourceName(workout, origin?.source_id ?? null)}
        </span>
      )}
    </>
  );
}
