import type { ChannelName } from "@/features/load/calls";
import type { Units } from "@/lib/preferences";
import type { Kind, Profile, Threshold } from "./calls";
import { parsed, typedOf } from "./kinds";

/** Zones as their athlete says where they begin: the second and those after it, as the first begins at nothing. */
export const FEWEST_ZONES = 2;
export const MOST_ZONES = 10;

export const ZONE_KINDS = {
  heart_rate_bpm: "heart_zones_bpm",
  power_w: "power_zones_w",
  speed_mps: "speed_zones_mps",
} as const satisfies Record<ChannelName, Kind>;

/** The threshold that is written as these zones are. */
const SAID_AS = { heart_rate_bpm: "lthr_bpm", power_w: "ftp_w", speed_mps: "threshold_speed_mps" } as const;

/** What stands in the fields for zones that hold, or that could. */
export function typedStarts(channel: ChannelName, starts: readonly number[], units: Units): string[] {
  const rounded = (start: number) => (channel === "speed_mps" ? start : Math.round(start));
  return starts.slice(1).map((start) => typedOf(SAID_AS[channel], rounded(start), units));
}

/** What was typed, in the API's unit; null where a field makes no sense. */
export const parsedStart = (channel: ChannelName, typed: string, units: Units) =>
  parsed(SAID_AS[channel], typed, units) as number | null;

export type Read = { starts: number[]; wrong: null } | { starts: null; wrong: number };

/** Where all zones begin, or the first field that is empty of sense or not above the one before. */
export function readStarts(channel: ChannelName, typed: readonly string[], units: Units): Read {
  const starts = [0];
  for (const [n, text] of typed.entries()) {
    const start = parsedStart(channel, text, units);
    if (start === null || start <= (starts.at(-1) ?? 0)) return { starts: null, wrong: n };
    starts.push(start);
  }
  return { starts, wrong: null };
}

/** The day since when zones of one's own hold; null where they are made of thresholds. */
export function ownSince(channel: ChannelName, profile: Profile, all: readonly Threshold[]): string | null {
  const [latest] = all
    .filter((one) => one.kind === ZONE_KINDS[channel] && one.valid_from <= profile.date)
    .sort((a, b) => b.valid_from.localeCompare(a.valid_from));
  return latest && Array.isArray(latest.value) && latest.value.length > 0 ? latest.valid_from : null;
}
