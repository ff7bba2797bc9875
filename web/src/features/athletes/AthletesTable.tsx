"use client";
import { TriangleAlert } from "lucide-react";
import { localDay } from "@/features/calendar/month";
import { dateName } from "@/features/load/dates";
import { bandOf, standing } from "@/features/load/form";
import { titleOf } from "@/features/workouts/naming";
import { addressFor } from "@/lib/athlete";
import { number } from "@/lib/format";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { RowTable } from "@/ui/RowTable";
import { type Known, weekLoads } from "./reading";

const a = t.athletes;

export type Row = {
  id: string;
  name: string;
  known: Known | null;
  reasons: readonly string[];
  retry: (() => void) | null;
};

/** One athlete a row; the name opens their pages. */
export function AthletesTable({ rows, monday }: { rows: readonly Row[]; monday: string }) {
  const none = <span className="text-muted">{a.unknown}</span>;
  const figure = (value: number | null | undefined) =>
    value == null ? none : <span className="figures">{number(value)}</span>;
  const today = ({ known }: Row) => known && standing(known.days)?.today;
  return (
    <RowTable
      label={a.table}
      rows={rows}
      keyOf={(row) => row.id}
      columns={[
        {
          key: "name",
          label: a.athlete,
          value: (row) => (
            <Link
              href={addressFor("/calendar", row.id)}
              className="inline-flex min-h-6 items-center font-medium text-accent hover:underline"
            >
              {row.name}
            </Link>
          ),
        },
        {
          key: "last",
          label: a.last,
          named: true,
          value: ({ known }) =>
            known?.last ? (
              <Link href={`/workouts/${known.last.id}`} className="figures hover:underline">
                {titleOf(known.last)}
                <span className="text-muted md:block"> {dateName(localDay(known.last))}</span>
              </Link>
            ) : (
              none
            ),
        },
        {
          key: "week",
          label: a.week,
          named: true,
          value: (row) => {
            if (!row.known || !today(row)) return none;
            const { days, without } = row.known;
            const { current, before } = weekLoads(days, monday);
            return (
              <span className="figures">
                {number(current)}
                <span className="text-muted md:block"> {a.weekBefore(number(before))}</span>
                {without > 0 && <span className="text-muted md:block"> {a.without(without)}</span>}
              </span>
            );
          },
        },
        { key: "ctl", label: a.fitness, named: true, value: (row) => figure(today(row)?.ctl) },
        { key: "atl", label: a.fatigue, named: true, value: (row) => figure(today(row)?.atl) },
        {
          key: "tsb",
          label: a.form,
          named: true,
          value: (row) => {
            const form = today(row)?.tsb;
            if (form == null) return none;
            return (
              <span className="figures">
                {number(form)}
                <span className="text-muted md:block"> {t.load.form.bands[bandOf(form)]}</span>
              </span>
            );
          },
        },
        { key: "attention", label: a.attention, value: (row) => <Attention row={row} /> },
      ]}
    />
  );
}

function Attention({ row }: { row: Row }) {
  if (row.retry)
    return (
      <span className="flex flex-wrap items-center gap-2">
        <span className="text-bad">{a.unreadable}</span>
        <Button onClick={row.retry}>
          {a.retry}
          <span className="sr-only">: {row.name}</span>
        </Button>
      </span>
    );
  if (row.reasons.length === 0) return <span className="text-muted">{a.nothing}</span>;
  return (
    <ul className="flex flex-col gap-0.5">
      {row.reasons.map((reason) => (
        <li key={reason} className="flex items-start gap-1.5 text-warn">
          <TriangleAlert size={15} aria-hidden className="mt-0.5 shrink-0" />
          {reason}
        </li>
      ))}
    </ul>
  );
}
