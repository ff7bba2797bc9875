"use client";
import { ChevronRight } from "lucide-react";
import { dateName } from "@/features/load/dates";
import { sum } from "@/features/today/week";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { DayEntry } from "./DayEntry";
import { listOf, type MonthProps, type WeekProps } from "./MonthTable";
import { today } from "./month";
import { SumLine } from "./Sums";

const c = t.calendar;

/** The same on a phone: week after week, the latest first, and only the days with something on them. */
export function WeekList({ weeks, days, athlete }: MonthProps) {
  const begun = weeks.filter((week) => (week[0] ?? "") <= today() || week.some((day) => days.has(day)));
  return (
    <ol className="flex flex-col gap-4">
      {begun.toReversed().map((week) => (
        <li key={week[0]} className="rounded-xl border border-line bg-surface">
          <OneWeek week={week} days={days} athlete={athlete} />
        </li>
      ))}
    </ol>
  );
}

function OneWeek({ week, days, athlete }: WeekProps) {
  const [from = "", to = ""] = [week[0], week.at(-1)];
  const total = sum(week.flatMap((day) => days.get(day) ?? []));
  if (total.workouts === 0)
    return (
      <div className="px-4 py-3">
        <h3 className="font-medium">{c.weekOf(dateName(from))}</h3>
        <p className="text-muted">{c.rest}</p>
      </div>
    );
  return (
    <>
      <h3>
        <Link
          href={listOf(from, to, athlete)}
          className="flex min-h-14 items-center gap-2 rounded-t-xl px-4 py-2 -outline-offset-2! hover:bg-sunken"
        >
          <span className="min-w-0 flex-1">
            <span className="block font-medium">{c.weekOf(dateName(from))}</span>
            <span className="figures block text-muted">
              <SumLine of={total} />
            </span>
          </span>
          <ChevronRight size={18} aria-hidden className="shrink-0 text-muted" />
        </Link>
      </h3>
      <ul className="divide-y divide-line border-t border-line">
        {week
          .filter((day) => days.has(day))
          .map((day) => (
            <li
              key={day}
              aria-current={day === today() ? "date" : undefined}
              className="flex gap-3 px-4 py-2"
            >
              <time dateTime={day} className="figures w-12 shrink-0 pt-3 text-xs text-muted">
                {dateName(day).split(" ").slice(0, 2).join(" ")}
              </time>
              <div className="flex min-w-0 flex-1 flex-col gap-1.5">
                {days.get(day)?.map((one) => (
                  <DayEntry key={one.id} workout={one} roomy />
                ))}
              </div>
            </li>
          ))}
      </ul>
    </>
  );
}
