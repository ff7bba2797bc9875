import { Chart, Filler, LinearScale, LineController, LineElement, PointElement } from "chart.js";
import { token } from "@/lib/theme";
import type { Point } from "./lttb";

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

const AXIS_PX = 44;

export type PanelOptions = {
  points: readonly Point[];
  colour: string;
  filled: boolean;
  reversed: boolean;
  low: number;
  high: number;
  span: number;
  stepX: number;
  stepY: number;
  ticks: boolean;
  tick(y: number): string;
  tickX(x: number): string;
  /** Where the crosshair stands, in the units of x. */
  cursor(): number | null;
};

/** One panel of a stack: all share their x axis and the width of their y axis, so that moments lie one below the other. */
export function drawPanel(canvas: HTMLCanvasElement, options: PanelOptions): Chart {
  const [line, muted, colour] = [token("--line"), token("--muted"), token(options.colour)];
  const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
  return new Chart(canvas, {
    type: "line",
    data: {
      datasets: [
        {
          data: options.points as { x: number; y: number }[],
          parsing: false,
          borderColor: colour,
          backgroundColor: `${colour}33`,
          borderWidth: 1.5,
          borderJoinStyle: "round",
          pointRadius: 0,
          spanGaps: false,
          fill: options.filled ? "start" : false,
        },
      ],
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: { top: 6, right: 14 } },
      scales: {
        x: {
          type: "linear",
          min: 0,
          max: options.span,
          border: { display: false },
          grid: { color: line, drawTicks: false },
          ticks: {
            display: options.ticks,
            autoSkip: false,
            maxRotation: 0,
            color: muted,
            font,
            padding: 6,
            callback: (x) => options.tickX(Number(x)),
          },
          afterBuildTicks: (scale) => {
            scale.ticks = multiples(0, options.span, options.stepX);
          },
          // Labels may stand out over the ends: the panels must be equally wide.
          afterFit: (scale) => {
            Object.assign(scale, { paddingLeft: 0, paddingRight: 0 });
          },
        },
        y: {
          min: options.low,
          max: options.high,
          reverse: options.reversed,
          border: { display: false },
          grid: { color: line, drawTicks: false },
          ticks: {
            color: muted,
            font,
            padding: 6,
            callback: (y) => options.tick(Number(y)),
          },
          afterBuildTicks: (scale) => {
            scale.ticks = multiples(options.low, options.high, options.stepY);
          },
          afterFit: (scale) => {
            scale.width = AXIS_PX;
          },
        },
      },
    },
    plugins: [crosshair(options, colour, muted)],
  });
}

/** Round values only: the library's own ticks end on the bounds, however odd these are. */
function multiples(low: number, high: number, step: number): { value: number }[] {
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return Array.from({ length: count }, (_, index) => ({ value: (first + index) * step }));
}

function crosshair(options: PanelOptions, colour: string, muted: string) {
  return {
    id: "crosshair",
    afterDraw(chart: Chart) {
      const at = options.cursor();
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
      const value = options.points.findLast((point) => point.x <= at)?.y ?? null;
      if (value !== null) {
        ctx.fillStyle = colour;
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
