import type { Units } from "@/lib/preferences";

/** Numbers for reading: true minus, no-break space before the unit, an en dash where there is no value. */
export const NONE = "–";
const NBSP = "\u00a0";
const METRES_PER_MILE = 1609.344;
const METRES_PER_FOOT = 0.3048;
const METRES_PER_YARD = 0.9144;

export type Quantity = { figure: string; unit: string };

export const text = ({ figure, unit }: Quantity) => (unit ? `${figure}${NBSP}${unit}` : figure);

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(value)
    .replace(/^-(?=[0.]+$)/, "")
    .replace("-", "−");
}

const none: Quantity = { figure: NONE, unit: "" };

function plain(value: number | null | undefined, unit: string, digits = 0): Quantity {
  return value == null ? none : { figure: number(value, digits), unit };
}

/** 2:05:09, 41:30, 0:42 */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null) return NONE;
  const all = Math.round(seconds);
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** What a screen reader should say for a duration. */
export function spokenDuration(seconds: number): string {
  const all = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(all / 3600), "hour"],
    [Math.floor(all / 60) % 60, "minute"],
    [all % 60, "second"],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}${n === 1 ? "" : "s"}`);
  return said.length > 0 ? said.join(" ") : "0 seconds";
}

export function distance(metres: number | null | undefined, units: Units, sport = ""): Quantity {
  if (metres == null) return none;
  if (sport === "swim")
    return plain(units === "metric" ? metres : metres / METRES_PER_YARD, units === "metric" ? "m" : "yd");
  const big = units === "metric" ? metres / 1000 : metres / METRES_PER_MILE;
  return plain(big, units === "metric" ? "km" : "mi", big < 100 ? 2 : 1);
}

export function height(metres: number | null | undefined, units: Units): Quantity {
  return plain(
    metres == null || units === "metric" ? metres : metres / METRES_PER_FOOT,
    units === "metric" ? "m" : "ft",
  );
}

export function temperature(celsius: number | null | undefined, units: Units): Quantity {
  return plain(
    celsius == null || units === "metric" ? celsius : celsius * 1.8 + 32,
    units === "metric" ? "°C" : "°F",
  );
}

const PACED = new Set(["run", "walk", "hike"]);
export type Tempo = "pace" | "pace100" | "pace500" | "speed";

/** How a sport speaks of how fast: runners by pace, swimmers per 100 m, rowers per 500 m, the others by speed. */
export function tempoOf(sport: string): Tempo {
  if (PACED.has(sport)) return "pace";
  if (sport === "swim") return "pace100";
  return sport === "row" ? "pace500" : "speed";
}

export function tempo(mps: number | null | undefined, sport: string, units: Units): Quantity {
  const how = tempoOf(sport);
  if (mps == null || (mps <= 0 && how !== "speed")) return none;
  switch (how) {
    case "pace":
      return units === "metric"
        ? { figure: duration(1000 / mps), unit: "/km" }
        : { figure: duration(METRES_PER_MILE / mps), unit: "/mi" };
    case "pace100":
      return units === "metric"
        ? { figure: duration(100 / mps), unit: "/100 m" }
        : { figure: duration((100 * METRES_PER_YARD) / mps), unit: "/100 yd" };
    case "pace500":
      return { figure: duration(500 / mps), unit: "/500 m" };
    case "speed":
      return units === "metric"
        ? plain(mps * 3.6, "km/h", 1)
        : plain((mps * 3600) / METRES_PER_MILE, "mph", 1);
  }
}

export const heartRate = (bpm: number | null | undefined) => plain(bpm, "bpm");
export const power = (watts: number | null | undefined) => plain(watts, "W");
export const energy = (kcal: number | null | undefined) => plain(kcal, "kcal");
export const breaths = (rpm: number | null | undefined) => plain(rpm, "/min");

/** Devices count strides; runners speak of steps. */
export function cadence(rpm: number | null | undefined, sport: string): Quantity {
  if (rpm == null) return none;
  return PACED.has(sport) ? plain(rpm < 120 ? rpm * 2 : rpm, "spm") : plain(rpm, "rpm");
}

export function bytes(count: number): string {
  const steps = ["B", "kB", "MB", "GB"];
  const step = Math.min(steps.length - 1, Math.floor(Math.log10(Math.max(count, 1)) / 3));
  const value = count / 1000 ** step;
  return `${number(value, step > 0 && value < 10 ? 1 : 0)}${NBSP}${steps[step]}`;
}

export const toMetres = (big: number, units: Units) => big * (units === "metric" ? 1000 : METRES_PER_MILE);
export const fromMetres = (metres: number, units: Units) =>
  metres / (units === "metric" ? 1000 : METRES_PER_MILE);
