"use client";
import { words } from "@/lib/format";
import * as t from "@/texts/en";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useFigures } from "./queries";
import { byFigure } from "./sums";

const o = t.operator;
const PLACES = ["a", "b", "c", "d"];

/** The platform in counts: one card a figure, with what it is made of. */
export function Figures() {
  const figures = useFigures();
  if (figures.error && !figures.data)
    return (
      <div className="mb-6">
        <ProblemNotice error={figures.error} onRetry={() => void figures.refetch()} />
      </div>
    );
  return (
    <section aria-label={o.figures} className="mb-6 grid grid-cols-2 gap-3 lg:grid-cols-4">
      {figures.data
        ? byFigure(figures.data).map(({ figure, total, parts }) => (
            <div key={figure} className="min-h-26 rounded-xl border border-line bg-surface p-4">
              <h2 className="text-xs text-muted">{o.figureNames[figure] ?? words(figure)}</h2>
              <p className="figures text-2xl font-semibold">{total.toLocaleString("en")}</p>
              <p className="figures mt-1 text-xs text-muted">
                {parts.length > 1 &&
                  parts.map(({ of, count }) => `${words(of)} ${count.toLocaleString("en")}`).join(" · ")}
              </p>
            </div>
          ))
        : PLACES.map((place) => (
            <div key={place} className="h-26 rounded-xl border border-line bg-surface p-4">
              <span className="skeleton block h-4 w-24" />
            </div>
          ))}
    </section>
  );
}
