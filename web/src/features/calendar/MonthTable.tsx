"use client";
import { dateName } from "@/features/load/dates";
import { sum } from "@/features/today/week";
import { addressFor } from "@/lib/athlete";
import { cx } from "@/lib/classes";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { DayEntry } from "./DayEntry";
import { type Entry, today } from "./month";
import { useSaid } from "./Sums";

const c = t.calendar;
/** More than these of a day stand in the list. */
const SHOWN = 3;

export type MonthProps = {
  month: string;
  weeks: readonly (readonly string[])[];
  days: ReadonlyMap<string, readonly Entry[]>;
  athlete: string;
};

export const listOf = (from: string, to: string, athlete: string) =>
  addressFor(`/workouts?from=${from}&to=${to}`, athlete);

/** A row for each week, and at its end what it came to. */
export function MonthTable({ month, weeks, days, athlete }: MonthProps) {
  return (
    <table className="w-full table-fixed border-separate border-spacing-0 rounded-xl border border-line bg-surface">
      <thead>
        <tr className="h-9 text-left text-xs font-medium text-muted">
          {c.days.map((day, n) => (
            <th key={day} scope="col" className="px-2 font-medium">
              <abbr title={day} className="no-underline">
                {c.shortDays[n]}
              </abbr>
            </th>
          ))}
          <th scope="col" className="border-l border-line px-3 font-medium">
            {c.week}
          </th>
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((day) => (
              <td key={day} className="h-28 border-t border-line p-1.5 align-top not-first:border-l">
                <Day
                  day={day}
                  workouts={days.get(day) ?? []}
                  outside={!day.startsWith(month)}
                  athlete={athlete}
                />
              </td>
            ))}
            <td className="border-t border-l border-line p-1.5 align-top">
              <WeekSum week={week} days={days} athlete={athlete} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type DayProps = { day: string; workouts: readonly Entry[]; outside: boolean; athlete: string };

function Day({ day, workouts, outside, athlete }: DayProps) {
  const isToday = day === today();
  const shape = cx(
    "figures inline-flex min-h-6 min-w-6 items-center justify-center rounded-full px-1 text-xs",
    isToday ? "bg-accent font-semibold text-on-accent" : outside ? "text-muted" : "font-medium text-fg",
  );
  const named = <time dateTime={day}>{Number(day.slice(-2))}</time>;
  const all = listOf(day, day, athlete);
  return (
    <div aria-current={isToday ? "date" : undefined} className="flex flex-col gap-1">
      {workouts.length > 0 ? (
        <Link
          href={all}
          aria-label={c.openDay(dateName(day), workouts.length)}
          className={cx(shape, "self-start hover:underline")}
        >
          {named}
        </Link>
      ) : (
        <span className={cx(shape, "self-start")}>{named}</span>
      )}
      {isToday && <span className="sr-only">{c.today}</span>}
      {workouts.slice(0, SHOWN).map((one) => (
        <DayEntry key={one.id} workout={one} />
      ))}
      {workouts.length > SHOWN && (
        <Link href={all} className="min-h-6 px-1.5 text-xs text-accent hover:underline">
          {c.more(workouts.length - SHOWN)}
          <span className="sr-only">, {dateName(day)}</span>
        </Link>
      )}
    </div>
  );
}

export type WeekProps = { week: readonly string[] } & Pick<MonthProps, "days" | "athlete">;

function WeekSum({ week, days, athlete }: WeekProps) {
  const said = useSaid();
  const [from = "", to = ""] = [week[0], week.at(-1)];
  const total = sum(week.flatMap((day) => days.get(day) ?? []));
  if (total.workouts === 0) return null;
  return (
    <Link
      href={listOf(from, to, athlete)}
      className="figures flex flex-col rounded-md px-1.5 py-1 hover:bg-sunken"
    >
      <span className="sr-only">{c.openWeek(dateName(from))}: </span>
      {said(total).map((one, n) => (
        <span key={one} className={n === 0 ? "font-semibold" : "text-xs text-muted"}>
          {one}
        </span>
      ))}
      <span className="text-xs text-muted">{c.sum(total.workouts)}</span>
    </Link>
  );
}
