import { NONE, number } from "@/lib/format";
import * as t from "@/texts/en";
import type { LoadDay } from "./calls";

/** Where a form lies. Borders as intervals.icu draws them; the words are ours. */
export const BANDS = [
  { name: "fresh", from: 5, to: Number.POSITIVE_INFINITY, colour: "--accent" },
  { name: "neutral", from: -10, to: 5, colour: "--muted" },
  { name: "productive", from: -30, to: -10, colour: "--ok" },
  { name: "strain", from: Number.NEGATIVE_INFINITY, to: -30, colour: "--bad" },
] as const;
export type BandName = (typeof BANDS)[number]["name"];

export const bandOf = (form: number): BandName => BANDS.find(({ from }) => form > from)?.name ?? "strain";

const WEEK = 7;
/** Less than this is the same for whoever feels it. */
const FELT = 2;

/** The last day of which a form is known, and the one a week before it. */
export function standing(days: readonly LoadDay[]): { today: LoadDay; before: LoadDay | null } | null {
  const at = days.findLastIndex((day) => day.tsb != null && day.ctl != null);
  const today = days[at];
  return today ? { today, before: days[at - WEEK] ?? null } : null;
}

/** "Fresher than a week ago. Fatigue is low beside fitness." What to do about it is said on Today alone,
 * where the night has a word in it too. */
export function formSentence(days: readonly LoadDay[]): string | null {
  const found = standing(days);
  if (found?.today.tsb == null) return null;
  const change = found.before?.tsb == null ? null : found.today.tsb - found.before.tsb;
  const f = t.load.form;
  const compared =
    change === null ? f.noWeek : change >= FELT ? f.fresher : change <= -FELT ? f.tireder : f.same;
  return `${compared} ${f.states[bandOf(found.today.tsb)]}`.trim();
}

/** The load of the seven days that end with day `at`; days without one count as none. */
export const weekLoad = (days: readonly LoadDay[], at = days.length - 1) =>
  days.slice(Math.max(0, at - WEEK + 1), at + 1).reduce((sum, day) => sum + (day.tss ?? 0), 0);

/** The days from the first that tells anything. */
export function told(days: readonly LoadDay[]): readonly LoadDay[] {
  const first = days.findIndex((day) => day.ctl != null || day.tss != null);
  return first < 0 ? [] : days.slice(first);
}

export const figure = (value: number | null | undefined) => (value == null ? NONE : number(value));

/** What the two charts show, in a sentence each. */
export function sentencesOf(days: readonly LoadDay[]): { load: string; form: string } {
  const found = standing(days);
  if (!found) return { load: "", form: "" };
  const { today } = found;
  const f = t.load.form;
  const forms = days.flatMap(({ tsb }) => (tsb == null ? [] : [tsb]));
  const first = days.find(({ ctl }) => ctl != null)?.ctl;
  return {
    load: f.loadSentence(figure(today.ctl), figure(today.atl), figure(first)),
    form: f.formSentence(
      figure(today.tsb),
      f.bands[bandOf(today.tsb ?? 0)],
      figure(Math.min(...forms)),
      figure(Math.max(...forms)),
    ),
  };
}
