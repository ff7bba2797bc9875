"use client";
import { distance, duration, NONE, number, text } from "@/lib/format";
import { Link } from "@/lib/nav";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { useRecent } from "./queries";
import { type Week, weeksOf } from "./week";

const w = t.today.week;

/** This week's sums, each beside last week's. */
export function WeekCard() {
  const { units } = usePreferences();
  const recent = useRecent();
  const rows: readonly (readonly [string, (week: Week) => string])[] = [
    [w.workouts, (week) => number(week.workouts)],
    [w.time, (week) => duration(week.time_s)],
    [w.distance, (week) => text(distance(week.distance_m, units))],
    [w.load, (week) => (week.load === null ? NONE : number(week.load))],
  ];
  return (
    <Card title={w.title}>
      <Loaded of={recent} rows={2}>
        {({ data }) => {
          const { current, last } = weeksOf(data);
          return (
            <>
              <dl className="figures grid grid-cols-2 gap-x-4 gap-y-3">
                {rows.map(([name, of]) => (
                  <div key={name}>
                    <dt className="text-xs text-muted">{name}</dt>
                    <dd>
                      <span className="block text-2xl font-semibold">{of(current)}</span>
                      <span className="text-xs text-muted">{w.last(of(last))}</span>
                    </dd>
                  </div>
                ))}
              </dl>
              {current.without > 0 && (
                <p className="mt-3 text-pretty text-xs text-muted">
                  {w.without(current.without)}{" "}
                  <Link href="/thresholds" className="text-accent underline underline-offset-2">
                    {t.load.toThresholds}
                  </Link>
                </p>
              )}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}
