"use client";
import { Check, X } from "lucide-react";
import { useId } from "react";
import { titleOf } from "@/features/workouts/naming";
import type { Match, Workout } from "@/lib/api";
import { Link } from "@/lib/nav";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { SportIcon } from "@/ui/SportIcon";
import { comparison, type Row } from "./compare";

const d = t.duplicates;

type Props = { match: Match; pending: "same" | "different" | null; onDecide(same: boolean): void };

/** Two workouts side by side, feature by feature, with what speaks for and against. Once combined there is only one. */
export function MatchCard({ match, pending, onDecide }: Props) {
  const id = useId();
  const [a, b] = match.workouts;
  if (!a) return null;
  return (
    <article aria-labelledby={id} className="min-w-0 rounded-xl border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-3 sm:px-5">
        <h2 id={id} className="min-w-0 flex-1 basis-52 font-semibold">
          {titleOf(a)}
          {b && titleOf(b) !== titleOf(a) && (
            <span className="font-normal text-muted">{` / ${titleOf(b)}`}</span>
          )}
        </h2>
        {match.score !== null && <Chip>{d.likeness(Math.round(match.score * 100))}</Chip>}
      </header>
      {b ? <Comparison a={a} b={b} /> : <Combined workout={a} />}
      <div className="flex flex-col gap-4 border-t border-line px-4 py-4 sm:flex-row sm:items-end sm:px-5">
        <Reasons match={match} />
        <div className="flex flex-wrap gap-2">
          {match.state !== "different" && (
            <Button
              busy={pending === "different"}
              disabled={pending === "same"}
              onClick={() => onDecide(false)}
            >
              {match.state === "open" ? d.differentAction : d.separateAfterAll}
            </Button>
          )}
          {match.state !== "same" && (
            <Button
              look={match.state === "open" ? "primary" : "secondary"}
              busy={pending === "same"}
              disabled={pending === "different"}
              onClick={() => onDecide(true)}
            >
              {match.state === "open" ? d.sameAction : d.combineAfterAll}
            </Button>
          )}
        </div>
      </div>
    </article>
  );
}

function Reasons({ match }: { match: Match }) {
  return (
    <div className="min-w-0 flex-1">
      {match.reasons.length > 0 && (
        <>
          <h3 className="text-xs font-medium text-muted">{d.why}</h3>
          <ul className="mt-1 list-disc space-y-0.5 pl-4">
            {match.reasons.map((reason) => (
              <li key={reason.feature + reason.text}>{reason.text}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Combined({ workout }: { workout: Workout }) {
  return (
    <p className="px-4 py-3 sm:px-5">
      <WorkoutLink workout={workout} />
    </p>
  );
}

function Comparison({ a, b }: { a: Workout; b: Workout }) {
  const rows = comparison(a, b, usePreferences());
  return (
    <table className="w-full table-fixed border-collapse">
      <thead>
        <tr className="border-b border-line text-left align-bottom">
          <th scope="col" className="w-[26%] px-4 py-2 text-xs font-medium text-muted sm:px-5">
            {d.feature}
          </th>
          {[a, b].map((workout) => (
            <th key={workout.id} scope="col" className="min-w-0 px-2 py-2 font-medium">
              <WorkoutLink workout={workout} />
            </th>
          ))}
          <th scope="col" className="w-10 py-2 sm:w-28">
            <span className="sr-only">{`${d.agrees} / ${d.differs}`}</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <CompareRow key={row.label} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function WorkoutLink({ workout }: { workout: Workout }) {
  return (
    <Link
      href={`/workouts/${workout.id}`}
      className="inline-flex min-h-6 max-w-full items-center gap-2 text-accent hover:underline"
    >
      <SportIcon sport={workout.sport} size={16} />
      <span className="min-w-0 break-words">{titleOf(workout)}</span>
    </Link>
  );
}

function CompareRow({ row }: { row: Row }) {
  return (
    <tr>
      <th scope="row" className="px-4 py-2 text-left font-normal text-muted sm:px-5">
        {row.label}
      </th>
      <td className="figures px-2 py-2">{row.a}</td>
      <td className="figures px-2 py-2">{row.b}</td>
      <td className="py-2 pr-3">
        {row.agrees !== null && (
          <span
            className={
              row.agrees ? "flex items-center gap-1.5 text-ok" : "flex items-center gap-1.5 text-warn"
            }
          >
            {row.agrees ? <Check size={16} aria-hidden /> : <X size={16} aria-hidden />}
            <span className="max-sm:sr-only">{row.agrees ? d.agrees : d.differs}</span>
          </span>
        )}
      </td>
    </tr>
  );
}
