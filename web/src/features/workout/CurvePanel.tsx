"use client";
import { useMemo } from "react";
import { multiples, type Plot } from "@/lib/charts/plot";
import { duration } from "@/lib/format";
import { PlotCanvas } from "@/ui/PlotCanvas";
import { type Curve, timeStep } from "./curves";

type Props = {
  curve: Curve;
  span_s: number;
  last: boolean;
  cursor_s: number | null;
  value: string;
  onMove(x: number | null): void;
};

/** One curve with its sentence above it. */
export function CurvePanel({ curve, span_s, last, cursor_s, value, onMove }: Props) {
  const plot = useMemo(() => plotOf(curve, span_s, last), [curve, span_s, last]);
  return (
    <div>
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h3 className="text-sm font-medium">{curve.name}</h3>
        <p className="min-w-0 flex-1 basis-60 text-xs text-muted">{curve.sentence}</p>
        <p aria-hidden className="figures text-sm font-medium">
          {cursor_s !== null && value}
        </p>
      </div>
      <div className={last ? "h-36" : "h-30"}>
        <PlotCanvas plot={plot} label={curve.sentence} at={cursor_s} onMove={onMove} />
      </div>
    </div>
  );
}

const plotOf =
  (curve: Curve, span_s: number, last: boolean) =>
  (width: number): Plot => ({
    series: [{ points: curve.points, colour: curve.colour, kind: curve.filled ? "area" : "line" }],
    x: {
      from: 0,
      to: span_s,
      ticks: multiples(0, span_s, timeStep(span_s, width < 480 ? 4 : 8)).map((at) => ({
        at,
        text: duration(at),
      })),
      hidden: !last,
    },
    y: {
      from: curve.low,
      to: curve.high,
      ticks: multiples(curve.low, curve.high, curve.step).map((at) => ({ at, text: curve.tick(at) })),
      reversed: curve.reversed,
    },
  });
