"use client";
import { useMemo, useState } from "react";
import { number } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { type Column, DataTable } from "@/ui/DataTable";
import { PlotCanvas } from "@/ui/PlotCanvas";
import { Scrubber } from "@/ui/Scrubber";
import type { LoadDay } from "./calls";
import { dateName } from "./dates";
import { bandOf, formSentence, standing } from "./form";
import { formPlot, loadPlot, weekly } from "./plots";

const l = t.load;
const f = l.form;

const figure = (value: number | null | undefined) => (value == null ? "–" : number(value));

/** Load, fitness and fatigue above, form below, with one position that both show; or all of it as a table. */
export default function FormCharts({ days }: { days: readonly LoadDay[] }) {
  const [at, setAt] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const above = useMemo(() => loadPlot(days), [days]);
  const below = useMemo(() => formPlot(days), [days]);
  const sentences = sentencesOf(days);
  const move = (x: number | null) =>
    setAt(x === null ? null : Math.max(0, Math.min(days.length - 1, Math.round(x))));
  const chosen = at === null ? undefined : days[at];
  const said = chosen ? saidOf(chosen) : f.atStart;
  return (
    <Card
      title={f.title}
      lead={formSentence(days)}
      flush={asTable}
      actions={<Button onClick={() => setAsTable(!asTable)}>{asTable ? l.asChart : l.asTable}</Button>}
    >
      {asTable ? (
        <DayTable days={days} />
      ) : (
        <div className="flex flex-col gap-3">
          <Panel title={f.loadPanel} text={`${sentences.load} ${weekly(days) ? f.weekly : ""}`} tall>
            <PlotCanvas plot={above} label={sentences.load} at={at} onMove={move} />
          </Panel>
          <Panel title={f.formPanel} text={sentences.form}>
            <PlotCanvas plot={below} label={sentences.form} at={at} onMove={move} />
          </Panel>
          <Scrubber label={f.position} at={at} count={days.length} said={said} onMove={setAt} />
        </div>
      )}
    </Card>
  );
}

type PanelProps = { title: string; text: string; tall?: boolean; children: React.ReactNode };

function Panel({ title, text, tall = false, children }: PanelProps) {
  return (
    <div>
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h3 className="text-sm font-medium">{title}</h3>
        <p className="min-w-0 flex-1 basis-60 text-xs text-muted">{text}</p>
      </div>
      {tall && <Legend />}
      <div className={tall ? "h-60" : "h-44"}>{children}</div>
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

function DayTable({ days }: { days: readonly LoadDay[] }) {
  const columns: Column<LoadDay>[] = [
    { key: "day", label: f.day, value: (day) => dateName(day.date) },
    ...(["tss", "ctl", "atl", "tsb"] as const).map((metric) => ({
      key: metric,
      label: l.names[metric] ?? metric,
      value: (day: LoadDay) => figure(day[metric]),
    })),
  ];
  return <DataTable label={f.title} columns={columns} rows={days.toReversed()} keyOf={(day) => day.date} />;
}

const saidOf = (day: LoadDay) =>
  [
    dateName(day.date),
    ...(["tss", "ctl", "atl", "tsb"] as const).map((metric) => `${l.names[metric]} ${figure(day[metric])}`),
  ].join(", ");

function sentencesOf(days: readonly LoadDay[]): { load: string; form: string } {
  const found = standing(days);
  if (!found) return { load: "", form: "" };
  const { today } = found;
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
