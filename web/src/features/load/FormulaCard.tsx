"use client";
import type { ReactNode } from "react";
import { words } from "@/lib/format";
import * as t from "@/texts/en";
import type { Formula } from "./calls";

const l = t.load;

type Props = { metric: string; formula: Formula | undefined };

/** What a figure means, how it is made, of what, and who published it first. */
export function FormulaCard({ metric, formula }: Props) {
  return (
    <div className="flex flex-col gap-3">
      {l.meaning[metric] && <p>{l.meaning[metric]}</p>}
      {formula && (
        <dl className="flex flex-col gap-3">
          <Entry term={l.formula}>{formula.formula}</Entry>
          <Entry term={l.inputs}>
            {formula.inputs.map((input) => l.names[input] ?? words(input)).join(", ")}
          </Entry>
          <Entry term={l.source}>{formula.source}</Entry>
        </dl>
      )}
      {l.calls[metric] && <p className="text-xs text-muted">{l.calledInApi(l.calls[metric])}</p>}
    </div>
  );
}

function Entry({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted">{term}</dt>
      <dd className="mt-0.5 wrap-anywhere">{children}</dd>
    </div>
  );
}
