"use client";
import type { Chart } from "chart.js";
import { useEffect, useRef } from "react";
import { drawPlot, type Plot, xUnder } from "@/lib/charts/plot";
import { useResolvedTheme } from "@/lib/theme";

type Props = {
  /** The same object for as long as nothing changes: another one is drawn anew. May depend on the width in pixels. */
  plot: Plot | ((width: number) => Plot);
  /** The sentence that says what the plot shows. */
  label: string;
  /** Where the crosshair stands, in the units of x. */
  at?: number | null;
  onMove?(x: number | null): void;
};

/** A plot as large as what it stands in, with a crosshair that follows the pointer where somebody wants to know. */
export function PlotCanvas({ plot, label, at = null, onMove }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart | null>(null);
  const cursor = useRef<number | null>(null);
  const theme = useResolvedTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a canvas takes its colours anew when the theme changes
  useEffect(() => {
    if (!canvas.current) return;
    // What it stands in is as wide as it will be; a canvas that was not drawn yet is not.
    const width = canvas.current.parentElement?.clientWidth ?? canvas.current.clientWidth;
    const drawn = typeof plot === "function" ? plot(width) : plot;
    chart.current = drawPlot(canvas.current, { ...drawn, cursor: () => cursor.current });
    return () => {
      chart.current?.destroy();
      chart.current = null;
    };
  }, [plot, theme]);
  useEffect(() => {
    cursor.current = at;
    chart.current?.draw();
  }, [at]);
  const move = ({ clientX }: { clientX: number }) =>
    chart.current && onMove?.(xUnder(chart.current, clientX));
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      className="touch-pan-y"
      onPointerMove={move}
      onPointerDown={move}
      onPointerLeave={(event) => event.pointerType === "mouse" && onMove?.(null)}
    />
  );
}
