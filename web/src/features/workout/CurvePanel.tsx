"use client";
import type { Chart } from "chart.js";
import { useEffect, useRef } from "react";
import { drawPanel, xUnder } from "@/lib/charts/panel";
import { duration } from "@/lib/format";
import { useResolvedTheme } from "@/lib/theme";
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
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart | null>(null);
  const cursor = useRef<number | null>(null);
  const theme = useResolvedTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a canvas takes its colours anew when the theme changes
  useEffect(() => {
    if (!canvas.current) return;
    chart.current = drawPanel(canvas.current, {
      ...curve,
      span: span_s,
      stepX: timeStep(span_s, canvas.current.clientWidth < 480 ? 4 : 8),
      stepY: curve.step,
      ticks: last,
      tickX: duration,
      cursor: () => cursor.current,
    });
    return () => {
      chart.current?.destroy();
      chart.current = null;
    };
  }, [curve, span_s, last, theme]);
  useEffect(() => {
    cursor.current = cursor_s;
    chart.current?.draw();
  }, [cursor_s]);
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
        <canvas
          ref={canvas}
          role="img"
          aria-label={curve.sentence}
          className="touch-pan-y"
          onPointerMove={(event) => chart.current && onMove(xUnder(chart.current, event.clientX))}
          onPointerDown={(event) => chart.current && onMove(xUnder(chart.current, event.clientX))}
          onPointerLeave={(event) => event.pointerType === "mouse" && onMove(null)}
        />
      </div>
    </div>
  );
}
