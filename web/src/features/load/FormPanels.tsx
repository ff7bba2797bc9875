"use client";
import { useMemo, useState } from "react";
import { cx } from "@/lib/classes";
import * as t from "@/texts/en";
import { PlotCanvas } from "@/ui/PlotCanvas";
import { Scrubber } from "@/ui/Scrubber";
import type { LoadDay } from "./calls";
import { dateName } from "./dates";
import { figure, sentencesOf } from "./form";
import { formPlot, loadPlot, weekly } from "./plots";

const l = t.load;
const f = l.form;

/** `compact`: as high as what it stands in, without the sentences, today marked. */
type Props = { days: readonly LoadDay[]; compact?: boolean };

/** Load, fitness and fatigue above, form below, with one position that both show. */
export function FormPanels({ days, compact = false }: Props) {
  const [at, setAt] = useState<number | null>(null);
  const above = useMemo(() => loadPlot(days, compact), [days, compact]);
  const below = useMemo(() => formPlot(days, compact), [days, compact]);
  const sentences = sentencesOf(days);
  const move = (x: number | null) =>
    setAt(x === null ? null : Math.max(0, Math.min(days.length - 1, Math.round(x))));
  const chosen = at === null ? undefined : days[at];
  return (
    <div className={cx("flex flex-col gap-3", compact && "h-full")}>
      <section className={cx(compact && "flex min-h-0 flex-1 flex-col")}>
        <Heading
          title={f.loadPanel}
          text={`${sentences.load} ${weekly(days) ? f.weekly : ""}`}
          bare={compact}
        />
        <Legend />
        <div className={compact ? "relative min-h-0 flex-1" : "h-60"}>
          <PlotCanvas plot={above} label={sentences.load} at={at} onMove={move} />
        </div>
      </section>
      <section>
        <Heading title={f.formPanel} text={sentences.form} bare={compact} />
        <div className={compact ? "h-30" : "h-44"}>
          <PlotCanvas plot={below} label={sentences.form} at={at} onMove={move} />
        </div>
      </section>
      <Scrubber
        label={f.position}
        at={at}
        count={days.length}
        said={chosen ? saidOf(chosen) : f.atStart}
        onMove={setAt}
      />
    </div>
  );
}

function Heading({ title, text, bare }: { title: string; text: string; bare: boolean }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-3">
      <h3 className="text-sm font-medium">{title}</h3>
      {!bare && <p className="min-w-0 flex-1 basis-60 text-xs text-muted">{text}</p>}
    </div>
  );
}

/** Which series is which: by shape as well as by colour. */
function Legend() {
  return (
    <p aria-hidden className="mt-1 flex flex-wrap gap-x-4 text-xs text-muted">
      <span className="inline-flex items-center gap-1.5">
        <span className="h-3 w-2 bg-control/40" />
        {l.names.tss}
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span className="w-5 border-t-2 border-accent" />
        {l.names.ctl}
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span className="w-5 border-t-2 border-dashed border-pulse" />
        {l.names.atl}
      </span>
    </p>
  );
}

const saidOf = (day: LoadDay) =>
  [
    dateName(day.date),
    ...(["tss", "ctl", "atl", "tsb"] as const).map((metric) => `${l.names[metric]} ${figure(day[metric])}`),
  ].join(", ");
