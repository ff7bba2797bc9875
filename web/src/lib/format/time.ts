import type { Preferences } from "@/lib/preferences";
import { deviceZone } from "@/lib/preferences";

type Instant = { start_time: string; timezone: string | null; local_start_time?: string | null };
type Wish = Pick<Preferences, "zone" | "homeZone">;

/** An offset such as "+02:00" as a zone of its own, for workouts that carry no zone's name. */
function offsetOf(local: string | null | undefined): string | null {
  const found = local?.match(/([+-]\d\d:\d\d)$/)?.[1];
  return found ?? (local?.endsWith("Z") ? "UTC" : null);
}

function known(zone: string | null): zone is string {
  if (!zone) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The zone to show a workout's times in: its own or home, as the person prefers. */
export function zoneOf(workout: Instant, wish: Wish): string {
  const home = wish.homeZone || deviceZone();
  if (wish.zone === "home") return home;
  if (known(workout.timezone)) return workout.timezone;
  const offset = offsetOf(workout.local_start_time);
  return offset ?? home;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Makes a formatter once: that costs far more than using it, and a table uses it for every row. */
function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  const found = formatters.get(key) ?? new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
  formatters.set(key, found);
  return found;
}

/** Offsets are shifted by hand: not every browser takes them as zones. */
function format(iso: string, zone: string, options: Intl.DateTimeFormatOptions): string {
  const offset = zone.match(/^([+-])(\d\d):(\d\d)$/);
  if (!offset) return formatter(zone, options).format(new Date(iso));
  const minutes = Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3]));
  return formatter("UTC", options).format(new Date(Date.parse(iso) + minutes * 60_000));
}

/** "Sat 14 Nov", with the year unless it is this one */
export function day(iso: string, zone: string, now = new Date()): string {
  const year = iso.startsWith(String(now.getFullYear())) ? undefined : "numeric";
  return format(iso, zone, { weekday: "short", day: "numeric", month: "short", year }).replace(",", "");
}

/** "07:32" */
export const clock = (iso: string, zone: string) => format(iso, zone, { hour: "2-digit", minute: "2-digit" });

/** "14 Nov 2026, 07:32:10" */
export const moment = (iso: string, zone: string) =>
  format(iso, zone, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });

/** "Europe/Berlin" → "Berlin time", "+02:00" → "UTC+02:00" */
export function zoneName(zone: string): string {
  if (/^(Etc\/)?(UTC|GMT)$/.test(zone)) return "UTC";
  if (/^[+-]/.test(zone)) return `UTC${zone.replace("-", "−")}`;
  return `${(zone.split("/").at(-1) ?? zone).replaceAll("_", " ")} time`;
}

/** "just now", "5 minutes ago", "3 days ago" */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  for (const [unit, length] of steps)
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  return "just now";
}

/** "in a moment", "in 5 minutes", "tomorrow" */
export function later(iso: string, now = Date.now()): string {
  return Date.parse(iso) - now < 60_000 ? "in a moment" : ago(iso, now);
}

/** The day and the clock of this device, for what belongs to no workout. */
export const deviceDay = (iso: string) => day(iso, deviceZone());
export const deviceMoment = (iso: string) => moment(iso, deviceZone());
export const deviceClock = (iso: string) => clock(iso, deviceZone());
