import { number } from "@/lib/format";
import * as t from "@/texts/en";
import type { LoadDay } from "./calls";
import { bandOf, standing, weekLoad } from "./form";

const l = t.load;

export type Shown = { key: string; metric: string; value: number; before: number | null; word?: string };

/** A figure of today with what it was a week ago. */
export function Figure({ shown }: { shown: Shown }) {
  const change = shown.before === null ? null : Math.round(shown.value) - Math.round(shown.before);
  return (
    <>
      <span className="block truncate text-xs text-muted">{l.names[shown.key]}</span>
      <span className="figures mt-0.5 flex flex-wrap items-baseline gap-x-2 text-2xl font-semibold">
        {number(shown.value)}
        {shown.word && <span className="text-sm font-normal text-muted">{shown.word}</span>}
      </span>
      <span className="figures block text-xs text-pretty text-muted">
        {change === null ? "\u00a0" : l.change(`${change > 0 ? "+" : ""}${number(change)}`)}
      </span>
    </>
  );
}

export function figuresOf(days: readonly LoadDay[]): Shown[] {
  const found = standing(days);
  if (!found) return [];
  const { today, before } = found;
  const at = days.indexOf(today);
  const of = (metric: "ctl" | "atl" | "tsb"): Shown => ({
    key: metric,
    metric,
    value: today[metric] ?? 0,
    before: before?.[metric] ?? null,
  });
  return [
    of("ctl"),
    of("atl"),
    { ...of("tsb"), word: l.form.bands[bandOf(today.tsb ?? 0)] },
    {
      key: "week",
      metric: "tss",
      value: weekLoad(days, at),
      before: at >= 13 ? weekLoad(days, at - 7) : null,
    },
  ];
}
