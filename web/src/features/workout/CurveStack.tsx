"use client";
import { useMemo, useState } from "react";
import type { Streams, WorkoutDetail } from "@/lib/api";
import { duration } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { type Column, DataTable } from "@/ui/DataTable";
import { Scrubber } from "@/ui/Scrubber";
import { CurvePanel } from "./CurvePanel";
import { type Curve, curvesOf, indexAt } from "./curves";
import { TrackView } from "./TrackView";
import { trackOf } from "./track";

const p = t.workouts.page;
const TABLE_ROWS = 60;

/** Curves above one another and the track beside them, with one position that all of them show. */
export default function CurveStack({ workout, streams }: { workout: WorkoutDetail; streams: Streams }) {
  const { units } = usePreferences();
  const curves = useMemo(() => curvesOf(workout, streams, units), [workout, streams, units]);
  const track = useMemo(() => trackOf(streams), [streams]);
  const [at, setAt] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const { time_s } = streams;
  const move = (x: number | null) => setAt(x === null ? null : indexAt(time_s, x));
  const span_s = time_s.at(-1) ?? 0;
  const said =
    at === null
      ? p.atStart
      : [duration(time_s[at]), ...curves.map((curve) => `${curve.name} ${curve.at(at)}`)].join(", ");
  const cursor_s = at === null ? null : (time_s[at] ?? null);
  return (
    <div className={track ? "grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]" : ""}>
      {track && (
        <div className="lg:sticky lg:top-20 lg:order-last lg:self-start">
          <Card title={p.track}>
            <TrackView workout={workout} track={track} cursor={at} />
          </Card>
        </div>
      )}
      {curves.length > 0 && (
        <Card
          title={p.charts}
          flush={asTable}
          actions={<Button onClick={() => setAsTable(!asTable)}>{asTable ? p.asChart : p.asTable}</Button>}
        >
          {asTable ? (
            <ValueTable curves={curves} time_s={time_s} />
          ) : (
            <div className="flex flex-col gap-4">
              {curves.map((curve, index) => (
                <CurvePanel
                  key={curve.channel}
                  curve={curve}
                  span_s={span_s}
                  last={index === curves.length - 1}
                  cursor_s={cursor_s}
                  value={at === null ? "" : curve.at(at)}
                  onMove={move}
                />
              ))}
              <Scrubber label={p.position} at={at} count={time_s.length} said={said} onMove={setAt} />
            </div>
          )}
        </Card>
      )}
    </div>
  );
}

function ValueTable({ curves, time_s }: { curves: Curve[]; time_s: number[] }) {
  const step = Math.max(1, Math.ceil(time_s.length / TABLE_ROWS));
  const rows = time_s.map((_, index) => index).filter((index) => index % step === 0);
  const columns: Column<number>[] = [
    { key: "time", label: p.time, value: (index) => duration(time_s[index]) },
    ...curves.map((curve) => ({
      key: curve.channel,
      label: curve.name,
      value: (index: number) => curve.at(index),
    })),
  ];
  return <DataTable label={p.charts} columns={columns} rows={rows} keyOf={String} />;
}
