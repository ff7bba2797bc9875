"use client";
import * as t from "@/texts/en";
import type { Formulas, LoadDay } from "./calls";
import { figuresOf } from "./Figure";
import FigureButton from "./FigureButton";

const l = t.load;

/** Today's fitness, fatigue, form and load of the week; each opens how it is made. */
export function FormFigures({ days, formulas }: { days: readonly LoadDay[]; formulas: Formulas }) {
  return (
    <section aria-label={l.figures}>
      <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-surface lg:grid-cols-4">
        {figuresOf(days).map((shown) => (
          <li key={shown.key} className="shadow-[0_0_0_1px_var(--line)]">
            <FigureButton shown={shown} formulas={formulas} className="px-4 py-3 -outline-offset-2!" />
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-xs text-muted">{l.hint}</p>
    </section>
  );
}
