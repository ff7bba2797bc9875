"use client";
import { type ReactNode, useMemo, useState } from "react";
import { dateName } from "@/features/load/dates";
import { providerName, text } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Choices } from "@/ui/Choices";
import { type Column, DataTable } from "@/ui/DataTable";
import { Loaded } from "@/ui/Loaded";
import { PlotCanvas } from "@/ui/PlotCanvas";
import { Scrubber } from "@/ui/Scrubber";
import type { Kind, Reading } from "./calls";
import { Nights } from "./Nights";
import { readingsPlot } from "./plots";
import { useReadings } from "./queries";
import { everyDay, firstDay, hours, RANGES, type Range, shown } from "./reading";

const b = t.body;
const WEEKLY: Range = "365";
const SLEEP: Kind = "sleep_duration";

type Props = { kind: Kind; range: Range; onRange(range: Range): void };

/** One kind over time: a chart or its table, what is usual, and what else was said of the same days. */
export default function KindCard({ kind, range, onRange }: Props) {
  const [asTable, setAsTable] = useState(false);
  const weekly = range === WEEKLY;
  const found = useReadings(kind, firstDay(range), weekly ? "week" : "day");
  // Stages are many, so they come only where they are shown.
  const stages = useReadings("sleep_stages", firstDay(range), weekly ? "week" : "day", kind === SLEEP);
  const nights = stages.data?.readings ?? [];
  return (
    <Card
      title={b.kinds[kind]}
      lead={found.data && b.how(found.data.meta.of_day, weekly)}
      flush={asTable}
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <Choices
            label={b.range}
            hideLabel
            value={range}
            options={RANGES.map((one) => [one, b.ranges[one]])}
            onChange={onRange}
          />
          <Button onClick={() => setAsTable(!asTable)}>{asTable ? b.asChart : b.asTable}</Button>
        </div>
      }
    >
      <Loaded of={found} rows={5}>
        {({ readings, meta }) =>
          readings.length === 0 ? (
            <p className="text-muted">{b.noneInRange}</p>
          ) : (
            <div className={found.isPlaceholderData ? "opacity-60" : undefined}>
              {asTable ? (
                <ReadingTable kind={kind} readings={readings} nights={nights} />
              ) : (
                <Over kind={kind} readings={readings} usual={meta.usual} weekly={weekly}>
                  {nights.length > 0 && <Nights readings={nights} weekly={weekly} />}
                </Over>
              )}
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}

type OverProps = {
  kind: Kind;
  readings: readonly Reading[];
  usual: string;
  weekly: boolean;
  children?: ReactNode;
};

function Over({ kind, readings, usual, weekly, children }: OverProps) {
  const { units } = usePreferences();
  const [at, setAt] = useState<number | null>(null);
  const days = useMemo(
    () => (weekly ? readings.map((reading) => ({ date: reading.date, reading })) : everyDay(readings)),
    [readings, weekly],
  );
  const plot = useMemo(() => readingsPlot(kind, days, units), [kind, days, units]);
  const sentence = sentenceOf(kind, readings, units);
  const chosen = at === null ? undefined : days[at];
  const move = (x: number | null) =>
    setAt(x === null ? null : Math.max(0, Math.min(days.length - 1, Math.round(x))));
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-muted">{sentence}</p>
      <div className="h-60">
        <PlotCanvas plot={plot} label={sentence} at={at} onMove={move} />
      </div>
      <Scrubber
        label={b.position}
        at={at}
        count={days.length}
        said={chosen ? saidOf(kind, chosen, units) : b.atStart}
        onMove={setAt}
      />
      {children}
      <details className="text-xs text-muted">
        <summary className="w-fit">{b.usualTitle}</summary>
        <p className="mt-1 max-w-prose text-pretty">{usual}</p>
      </details>
    </div>
  );
}

type TableProps = { kind: Kind; readings: readonly Reading[]; nights: readonly Reading[] };

function ReadingTable({ kind, readings, nights }: TableProps) {
  const { units } = usePreferences();
  const night = new Map(nights.map((one) => [one.date, one.night]));
  const value = (one: { value: number; unit: string }) => text(shown(kind, one.value, one.unit, units));
  const columns: Column<Reading>[] = [
    { key: "date", label: b.day, value: ({ date }) => dateName(date) },
    { key: "value", label: b.value, value },
    {
      key: "usual",
      label: b.usual,
      value: ({ usual, unit }) =>
        usual
          ? `${shown(kind, usual.low, unit, units).figure}–${shown(kind, usual.high, unit, units).figure}`
          : "–",
    },
    {
      key: "source",
      label: b.source,
      text: true,
      value: ({ source, device }) => device ?? providerName(source),
    },
    {
      key: "others",
      label: b.others,
      text: true,
      value: ({ alternatives }) =>
        (alternatives ?? []).map((one) => `${providerName(one.source)} ${value(one)}`).join(", ") || "–",
    },
  ];
  const stages: Column<Reading>[] = (["deep_s", "rem_s", "light_s", "awake_s"] as const).map((stage) => ({
    key: stage,
    label: b.stages[stage],
    value: ({ date }) => hours(night.get(date)?.[stage] ?? null),
  }));
  return (
    <DataTable
      label={b.kinds[kind]}
      columns={night.size > 0 ? [...columns.slice(0, 2), ...stages, ...columns.slice(2)] : columns}
      rows={readings.toReversed()}
      keyOf={({ date }) => date}
    />
  );
}

type Units = Parameters<typeof shown>[3];

function saidOf(kind: Kind, { date, reading }: { date: string; reading: Reading | undefined }, units: Units) {
  if (!reading) return `${dateName(date)}, ${b.nothing}`;
  const beside = (reading.alternatives ?? []).map(
    (one) => `${providerName(one.source)} ${text(shown(kind, one.value, one.unit, units))}`,
  );
  const first = `${providerName(reading.source)} ${text(shown(kind, reading.value, reading.unit, units))}`;
  return [dateName(date), first, ...beside].join(", ");
}

function sentenceOf(kind: Kind, readings: readonly Reading[], units: Units): string {
  const values = readings.map(({ value }) => value);
  const unit = readings[0]?.unit ?? "";
  const said = (value: number) => text(shown(kind, value, unit, units));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return b.sentence(said(mean), said(Math.min(...values)), said(Math.max(...values)));
}
