"use client";
import type { Lap, Length, WorkoutDetail } from "@/lib/api";
import {
  cadence,
  distance,
  duration,
  heartRate,
  height,
  NONE,
  power,
  tempo,
  tempoOf,
  text,
  words,
} from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { type Column, DataTable } from "@/ui/DataTable";

const p = t.workouts.page;
const f = t.workouts.figures;

/** Columns appear only where some lap has a value for them. */
export function Laps({ workout }: { workout: WorkoutDetail }) {
  const { units } = usePreferences();
  const { laps, sport } = workout;
  if (laps.length < 2) return null;
  const pace = tempoOf(sport) === "speed" ? f.avg_speed_mps : f.pace;
  const optional: [keyof Lap, Column<Lap>][] = [
    [
      "distance_m",
      {
        key: "distance",
        label: f.distance_m ?? "",
        value: (lap) => text(distance(lap.distance_m, units, sport)),
      },
    ],
    [
      "distance_m",
      { key: "tempo", label: pace ?? "", value: (lap) => text(tempo(speedOf(lap), sport, units)) },
    ],
    ["avg_hr_bpm", { key: "hr", label: f.avg_hr_bpm ?? "", value: (lap) => text(heartRate(lap.avg_hr_bpm)) }],
    [
      "max_hr_bpm",
      { key: "max", label: f.max_hr_bpm ?? "", value: (lap) => text(heartRate(lap.max_hr_bpm)) },
    ],
    [
      "avg_power_w",
      { key: "power", label: f.avg_power_w ?? "", value: (lap) => text(power(lap.avg_power_w)) },
    ],
    [
      "avg_cadence_rpm",
      {
        key: "cadence",
        label: f.avg_cadence_rpm ?? "",
        value: (lap) => text(cadence(lap.avg_cadence_rpm, sport)),
      },
    ],
    [
      "ascent_m",
      { key: "ascent", label: f.ascent_m ?? "", value: (lap) => text(height(lap.ascent_m, units)) },
    ],
  ];
  const columns: Column<Lap>[] = [
    { key: "number", label: p.lap, value: (_, index) => index + 1 },
    { key: "time", label: p.time, value: (lap) => duration(lap.moving_time_s ?? lap.duration_s) },
    ...optional.filter(([field]) => laps.some((lap) => lap[field] != null)).map(([, column]) => column),
  ];
  return (
    <Card title={p.laps} flush>
      <DataTable
        label={p.laps}
        columns={columns}
        rows={laps}
        keyOf={(lap, index) => `${index} ${lap.start_s}`}
      />
    </Card>
  );
}

function speedOf(lap: Lap): number | null {
  const time = lap.moving_time_s ?? lap.duration_s;
  return lap.distance_m != null && time > 0 ? lap.distance_m / time : null;
}

export function Lengths({ workout }: { workout: WorkoutDetail }) {
  const { lengths } = workout;
  if (lengths.length === 0) return null;
  const columns: Column<Length>[] = [
    { key: "number", label: p.length, value: (_, index) => index + 1 },
    { key: "time", label: p.time, value: (length) => duration(length.duration_s) },
    { key: "stroke", label: p.stroke, text: true, value: (length) => strokeOf(length) },
    { key: "strokes", label: p.strokes, value: (length) => length.strokes ?? NONE },
  ];
  return (
    <Card title={p.lengths} flush>
      <DataTable
        label={p.lengths}
        columns={columns}
        rows={lengths}
        keyOf={(length, index) => `${index} ${length.start_s}`}
      />
    </Card>
  );
}

function strokeOf(length: Length): string {
  if (!length.active) return p.rest;
  return length.stroke ? words(length.stroke) : NONE;
}
