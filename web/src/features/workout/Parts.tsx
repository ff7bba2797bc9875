"use client";
import type { Part, WorkoutDetail } from "@/lib/api";
import { clock, distance, duration, kindName, tempo, text, zoneOf } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { type Column, DataTable } from "@/ui/DataTable";
import { SportIcon } from "@/ui/SportIcon";

const c = t.workouts.columns;

/** The legs of one event, such as swim, transition, ride, transition, run. */
export function Parts({ workout }: { workout: WorkoutDetail }) {
  const preferences = usePreferences();
  const { units } = preferences;
  if (workout.parts.length < 2) return null;
  const zone = zoneOf(workout, preferences);
  const speed = (part: Part) =>
    part.distance_m === null ? null : part.distance_m / (part.moving_time_s || part.duration_s);
  const columns: Column<Part>[] = [
    {
      key: "sport",
      label: c.workout,
      value: (part) => (
        <span className="flex items-center gap-2">
          <SportIcon sport={part.sport} size={16} />
          {kindName(part.sport, part.sub_sport)}
        </span>
      ),
    },
    { key: "start", label: c.start, value: (part) => clock(part.start_time, zone) },
    { key: "time", label: c.duration, value: (part) => duration(part.duration_s) },
    {
      key: "distance",
      label: c.distance,
      value: (part) => text(distance(part.distance_m, units, part.sport)),
    },
    { key: "tempo", label: c.tempo, value: (part) => text(tempo(speed(part), part.sport, units)) },
  ];
  return (
    <Card title={t.workouts.page.parts} flush>
      <DataTable
        label={t.workouts.page.parts}
        columns={columns}
        rows={workout.parts}
        keyOf={(part) => String(part.index)}
      />
    </Card>
  );
}
