import { localDay, plusDays } from "@/features/calendar/month";
import type { LoadDay } from "@/features/load/calls";
import { dateName } from "@/features/load/dates";
import { bandOf, standing } from "@/features/load/form";
import type { Workout } from "@/lib/api";
import * as t from "@/texts/en";

/** What is known of an athlete who shares: their last workout, and load from the Monday of last week on. */
export type Known = { last: Workout | null; days: readonly LoadDay[]; without: number };

const QUIET_DAYS = 7;
const SOON_DAYS = 7;
const DAY_MS = 86_400_000;
const w = t.athletes.warnings;

export const weekLoads = (days: readonly LoadDay[], monday: string) => {
  const sum = (of: readonly LoadDay[]) => of.reduce((all, day) => all + (day.tss ?? 0), 0);
  return {
    current: sum(days.filter(({ date }) => date >= monday)),
    before: sum(days.filter(({ date }) => date < monday)),
  };
};

const daysBetween = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** Why somebody should look at an athlete, the weightiest first; nothing where all is well. */
export function attention(known: Known, today: string, expires_at: string | null): string[] {
  const { last, days } = known;
  const found = standing(days);
  const ends = expires_at?.slice(0, 10);
  const reasons: string[] = [];
  if (found?.today.tsb != null && bandOf(found.today.tsb) === "strain") reasons.push(w.strain);
  if (!last) reasons.push(w.noWorkouts);
  const quiet = last ? daysBetween(localDay(last), today) : 0;
  if (quiet >= QUIET_DAYS) reasons.push(w.quiet(quiet));
  if (last && !found) reasons.push(w.noLoad);
  if (ends && ends <= plusDays(today, SOON_DAYS)) reasons.push(w.ends(dateName(ends)));
  return reasons;
}
