"use client";
import { titleOf } from "@/features/workouts/naming";
import type { Workout } from "@/lib/api";
import { day, distance, duration, number, text, zoneOf } from "@/lib/format";
import { Link } from "@/lib/nav";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { SportIcon } from "@/ui/SportIcon";

const w = t.today.last;

export function LastWorkouts({ workouts }: { workouts: readonly Workout[] }) {
  const preferences = usePreferences();
  return (
    <Card
      title={w.title}
      flush
      actions={
        <Link href="/workouts" className="text-accent hover:underline">
          {w.all}
        </Link>
      }
    >
      <ul className="divide-y divide-line border-t border-line">
        {workouts.map((workout) => (
          <li key={workout.id}>
            <Link
              href={`/workouts/${workout.id}`}
              className="flex min-h-12 items-center gap-3 px-5 py-2 -outline-offset-2! last:rounded-b-xl hover:bg-sunken"
            >
              <SportIcon sport={workout.sport} />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{titleOf(workout)}</span>
                <span className="block text-xs text-muted">
                  {day(workout.start_time, zoneOf(workout, preferences))}
                </span>
              </span>
              <span className="figures shrink-0 text-right">
                <span className="block">
                  {[
                    duration(workout.moving_time_s ?? workout.duration_s),
                    ...(workout.distance_m
                      ? [text(distance(workout.distance_m, preferences.units, workout.sport))]
                      : []),
                  ].join(" · ")}
                </span>
                {workout.load?.tss != null && (
                  <span className="block text-xs text-muted">{w.load(number(workout.load.tss))}</span>
                )}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
