"use client";
import { Info } from "lucide-react";
import { number } from "@/lib/format";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Popover } from "@/ui/Popover";
import type { Formulas, LoadDay } from "./calls";
import { FormulaCard } from "./FormulaCard";
import { standing } from "./form";

const l = t.load;
const METRICS = ["acwr_rolling", "acwr_ewma", "acwr_uncoupled", "monotony", "strain"] as const;

/** How this week's load lies beside the weeks before: told as it is, with no verdict. */
export function Ratios({ days, formulas }: { days: readonly LoadDay[]; formulas: Formulas }) {
  const today = standing(days)?.today;
  if (!today || METRICS.every((metric) => today[metric] == null)) return null;
  return (
    <Card title={l.ratios.title} lead={l.ratios.lead} flush>
      <table className="w-full border-collapse">
        <thead className="sr-only">
          <tr>
            <th scope="col">{l.ratios.figure}</th>
            <th scope="col">{l.ratios.says}</th>
            <th scope="col">{l.ratios.value}</th>
            <th scope="col">{l.formula}</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">
          {METRICS.map((metric) => (
            <tr key={metric}>
              <th scope="row" className="py-2 pr-3 pl-5 text-left align-top font-medium">
                {l.names[metric]}
                <span className="block font-normal text-muted sm:hidden">{l.meaning[metric]}</span>
              </th>
              <td className="px-3 py-2 align-top text-muted max-sm:hidden">{l.meaning[metric]}</td>
              <td className="figures px-3 py-2 text-right align-top font-medium">
                {today[metric] == null ? "–" : number(today[metric], metric === "strain" ? 0 : 2)}
              </td>
              <td className="w-px pr-3 align-top">
                <Popover
                  title={l.names[metric] ?? metric}
                  wide
                  trigger={
                    <IconButton label={l.about(l.names[metric] ?? metric)}>
                      <Info size={16} aria-hidden />
                    </IconButton>
                  }
                >
                  <FormulaCard metric={metric} formula={formulas[metric]} />
                </Popover>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
