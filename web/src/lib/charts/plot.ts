import {
  BarController,
  BarElement,
  Chart,
  type ChartDataset,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  type Plugin,
  PointElement,
} from "chart.js";
import { token } from "@/lib/theme";
import type { Point } from "./lttb";

Chart.register(LineController, LineElement, BarController, BarElement, PointElement, LinearScale, Filler);

const AXIS_PX = 44;

export type Tick = { at: number; text: string };

/** One series; `colour` is the name of a token, such as `--accent`. */
export type Series = {
  points: readonly Point[];
  colour: string;
  kind?: "line" | "area" | "bars";
  dashed?: boolean;
  /** A dot where it ends. */
  ends?: boolean;
};

/** A stretch of the y axis with a name, behind the series. */
export type Band = { from: number; to: number; colour: string; text: string };

export type Plot = {
  series: readonly Series[];
  x: { from: number; to: number; ticks: readonly Tick[]; hidden?: boolean };
  y: { from: number; to: number; ticks: readonly Tick[]; reversed?: boolean };
  bands?: readonly Band[];
  /** Where the crosshair stands, in the units of x. */
  cursor?(): number | null;
};

/** Draws one panel. Panels of a stack share the width of their y axis, so that moments lie one below the other. */
export function drawPlot(canvas: HTMLCanvasElement, plot: Plot): Chart {
  const [line, muted] = [token("--line"), token("--muted")];
  const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
  const ticks = (known: readonly Tick[]) => ({
    color: muted,
    font,
    padding: 6,
    autoSkip: false,
    maxRotation: 0,
    callback: (_: unknown, index: number) => known[index]?.text ?? "",
  });
  const grid = { color: line, drawTicks: false };
  return new Chart(canvas, {
    type: "line",
    data: { datasets: plot.series.map(dataset) as ChartDataset<"line">[] },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: { top: 6, right: 14 } },
      scales: {
        x: {
          type: "linear",
          min: plot.x.from,
          max: plot.x.to,
          offset: false,
          border: { display: false },
          grid,
          ticks: { ...ticks(plot.x.ticks), display: !plot.x.hidden },
          afterBuildTicks: (scale) => {
            scale.ticks = plot.x.ticks.map(({ at }) => ({ value: at }));
          },
          // Labels may stand out over the ends: the panels must be equally wide.
          afterFit: (scale) => {
            Object.assign(scale, { paddingLeft: 0, paddingRight: 0 });
          },
        },
        y: {
          min: plot.y.from,
          max: plot.y.to,
          reverse: plot.y.reversed ?? false,
          border: { display: false },
          grid,
          ticks: ticks(plot.y.ticks),
          afterBuildTicks: (scale) => {
            scale.ticks = plot.y.ticks.map(({ at }) => ({ value: at }));
          },
          afterFit: (scale) => {
            scale.width = AXIS_PX;
          },
        },
      },
    },
    plugins: [bands(plot, font), crosshair(plot, muted)],
  });
}

function dataset({ points, colour, kind = "line", dashed = false, ends = false }: Series) {
  const drawn = token(colour);
  const shared = { data: points as { x: number; y: number }[], parsing: false as const };
  if (kind === "bars")
    return {
      ...shared,
      type: "bar" as const,
      backgroundColor: `${drawn}59`,
      barPercentage: 1,
      categoryPercentage: 0.8,
      maxBarThickness: 14,
      grouped: false,
      order: 1,
    };
  return {
    ...shared,
    borderColor: drawn,
    backgroundColor: `${drawn}33`,
    borderWidth: 1.5,
    borderDash: dashed ? [4, 3] : [],
    borderJoinStyle: "round" as const,
    pointRadius: ends ? points.map((_, at) => (at === points.length - 1 ? 3.5 : 0)) : 0,
    pointBackgroundColor: drawn,
    spanGaps: false,
    fill: kind === "area" ? "start" : false,
    order: 0,
  };
}

/** Round values only: the library's own ticks end on the bounds, however odd these are. */
export function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

/** The bands that the plot has room for, and where they lie. */
const drawn = (plot: Plot, y: { getPixelForValue(value: number): number }) =>
  (plot.bands ?? []).flatMap((band) => {
    const [from, to] = [Math.max(band.from, plot.y.from), Math.min(band.to, plot.y.to)];
    return from < to ? [{ band, top: y.getPixelForValue(to), bottom: y.getPixelForValue(from) }] : [];
  });

function bands(plot: Plot, font: { family: string; size: number }): Plugin<"line"> {
  return {
    id: "bands",
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      const { y } = scales;
      if (!y) return;
      ctx.save();
      for (const { band, top, bottom } of drawn(plot, y)) {
        ctx.fillStyle = `${token(band.colour)}14`;
        ctx.fillRect(chartArea.left, top, chartArea.width, bottom - top);
      }
      ctx.restore();
    },
    // Over the lines, with an edge of the ground's colour: a line that crosses a name would strike it through.
    afterDatasetsDraw({ ctx, chartArea, scales }) {
      const { y } = scales;
      if (!y) return;
      ctx.save();
      ctx.font = `${font.size}px ${font.family}`;
      ctx.textBaseline = "middle";
      ctx.textAlign = "left";
      ctx.lineJoin = "round";
      ctx.lineWidth = 4;
      ctx.strokeStyle = token("--surface");
      for (const { band, top, bottom } of drawn(plot, y)) {
        if (bottom - top < font.size + 2) continue;
        ctx.fillStyle = token(band.colour);
        const place = [chartArea.left + 6, (top + bottom) / 2] as const;
        ctx.strokeText(band.text, ...place);
        ctx.fillText(band.text, ...place);
      }
      ctx.restore();
    },
  };
}

function crosshair(plot: Plot, muted: string): Plugin<"line"> {
  return {
    id: "crosshair",
    afterDraw(chart) {
      const at = plot.cursor?.() ?? null;
      const { x, y } = chart.scales;
      if (at === null || !x || !y) return;
      const { ctx, chartArea } = chart;
      const left = x.getPixelForValue(at);
      ctx.save();
      ctx.strokeStyle = muted;
      ctx.beginPath();
      ctx.moveTo(left, chartArea.top);
      ctx.lineTo(left, chartArea.bottom);
      ctx.stroke();
      for (const { points, colour, kind } of plot.series) {
        const value = points.findLast((point) => point.x <= at)?.y ?? null;
        if (value === null || kind === "bars") continue;
        ctx.fillStyle = token(colour);
        ctx.beginPath();
        ctx.arc(left, y.getPixelForValue(value), 3.5, 0, 2 * Math.PI);
        ctx.fill();
      }
      ctx.restore();
    },
  };
}

/** The x under a pointer, or null beside the panel. */
export function xUnder(chart: Chart, clientX: number): number | null {
  const { x } = chart.scales;
  if (!x) return null;
  const value = x.getValueForPixel(clientX - chart.canvas.getBoundingClientRect().left) ?? 0;
  return Math.max(x.min, Math.min(x.max, value));
}
