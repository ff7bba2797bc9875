"use client";
import { number } from "@/lib/format";
import * as t from "@/texts/en";
import { Popover } from "@/ui/Popover";
import type { Formulas, LoadDay } from "./calls";
import { FormulaCard } from "./FormulaCard";
import { bandOf, standing, weekLoad } from "./form";

const l = t.load;

type Shown = { key: string; metric: string; value: number; before: number | null; word?: string };

/** Today's fitness, fatigue, form and load of the week; each opens how it is made. */
export function FormFigures({ days, formulas }: { days: readonly LoadDay[]; formulas: Formulas }) {
  return (
    <section aria-label={l.figures}>
      <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-surface lg:grid-cols-4">
        {figuresOf(days).map((shown) => (
          <li key={shown.key} className="shadow-[0_0_0_1px_var(--line)]">
            <Popover
              title={l.names[shown.key] ?? shown.key}
              wide
              trigger={
                <button
                  type="button"
                  className="h-full w-full px-4 py-3 text-left -outline-offset-2! hover:bg-sunken"
                />
              }
              content={<Figure shown={shown} />}
            >
              <FormulaCard metric={shown.metric} formula={formulas[shown.metric]} />
            </Popover>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-xs text-muted">{l.hint}</p>
    </section>
  );
}

export function Figure({ shown }: { shown: Shown }) {
  const change = shown.before === null ? null : Math.round(shown.value) - Math.round(shown.before);
  return (
    <>
      <span className="block truncate text-xs text-muted">{l.names[shown.key]}</span>
      <span className="figures mt-0.5 flex flex-wrap items-baseline gap-x-2 text-2xl font-semibold">
        {number(shown.value)}
        {shown.word && <span className="text-sm font-normal text-muted">{shown.word}</span>}
      </span>
      <span className="figures block truncate text-xs text-muted">
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
