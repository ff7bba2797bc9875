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
import { RowTable } from "@/ui/RowTable";
import { type Known, weekLoads } from "./reading";

const a = t.athletes;

export type Row = {
  id: string;
  name: string;
  known: Known | null;
  reasons: readonly string[];
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
                <Beside>{dateName(localDay(known.last))}</Beside>
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
                <Beside>{a.weekBefore(number(before))}</Beside>
                {without > 0 && <Beside>{a.without(without)}</Beside>}
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
                <Beside>{t.load.form.bands[bandOf(form)]}</Beside>
              </span>
            );
          },
        },
        { key: "attention", label: a.attention, named: true, value: (row) => <Attention row={row} /> },
      ]}
    />
  );
}

/** What is said beside a value: below it in the table, after it on a phone. */
function Beside({ children }: { children: string }) {
  return (
    <span className="text-muted md:block">
      <span className="md:hidden"> · </span>
      {children}
    </span>
  );
}

function Attention({ row }: { row: Row }) {
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
