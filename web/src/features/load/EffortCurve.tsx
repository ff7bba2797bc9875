"use client";
import { Info } from "lucide-react";
import { useMemo, useState } from "react";
import { multiples, type Plot } from "@/lib/charts/plot";
import { roundStep } from "@/lib/charts/steps";
import { duration, number } from "@/lib/format";
import { Link } from "@/lib/nav";
import { type Units, usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button, IconButton } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { PlotCanvas } from "@/ui/PlotCanvas";
import { Popover } from "@/ui/Popover";
import { Scrubber } from "@/ui/Scrubber";
import type { BestEffort, ChannelName, Formula } from "./calls";
import { dateName } from "./dates";
import { FormulaCard } from "./FormulaCard";
import { channelValue } from "./Zones";

const c = t.load.curves;
const TICKS_S = [1, 5, 15, 60, 300, 1200, 3600, 10_800];
const TOLD_S = [5, 60, 300, 1200, 3600];
const COLOURS: Record<ChannelName, string> = {
  power_w: "--effort",
  speed_mps: "--accent",
  heart_rate_bpm: "--pulse",
};
const METRES = { metric: 1000, imperial: 1609.344 };

/** "20 min", as people speak of efforts. */
export function long(seconds: number): string {
  if (seconds < 60) return c.seconds(seconds);
  if (seconds < 3600) return c.minutes(Math.round((10 * seconds) / 60) / 10);
  return c.hours(Math.round((10 * seconds) / 3600) / 10);
}

type Props = { channel: ChannelName; efforts: readonly BestEffort[]; formula: Formula | undefined };

export default function EffortCurve({ channel, efforts, formula }: Props) {
  const { units } = usePreferences();
  const [at, setAt] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const plot = useMemo(() => effortPlot(channel, efforts, units), [channel, efforts, units]);
  const value = (effort: BestEffort) => channelValue(channel, effort.value, units);
  const parts = efforts.filter(({ duration_s }) => TOLD_S.includes(duration_s));
  const sentence = c.sentence(
    (parts.length > 0 ? parts : efforts.slice(0, 1))
      .map((one) => c.part(value(one), long(one.duration_s)))
      .join(", "),
  );
  const chosen = at === null ? undefined : efforts[at];
  const said = chosen
    ? `${c.part(value(chosen), long(chosen.duration_s))}, ${dateName(chosen.date)}`
    : t.load.form.atStart;
  const nearest = (x: number | null) => setAt(x === null ? null : indexOf(efforts, 10 ** x));
  return (
    <>
      <div className="mb-2 flex flex-wrap items-start justify-between gap-2">
        <p className="min-w-0 flex-1 basis-60">{sentence}</p>
        <span className="flex gap-1">
          <Popover
            title={c.title}
            wide
            trigger={
              <IconButton label={t.load.about(c.title)}>
                <Info size={16} aria-hidden />
              </IconButton>
            }
          >
            <FormulaCard metric={channel} formula={formula} />
          </Popover>
          <Button onClick={() => setAsTable(!asTable)}>{asTable ? t.load.asChart : t.load.asTable}</Button>
        </span>
      </div>
      {asTable ? (
        <div className="-mx-5 -mb-5 border-t border-line">
          <EffortTable efforts={efforts} value={value} />
        </div>
      ) : (
        <>
          <div className="h-60">
            <PlotCanvas
              plot={plot}
              label={sentence}
              at={chosen ? Math.log10(chosen.duration_s) : null}
              onMove={nearest}
            />
          </div>
          <Scrubber label={c.position} at={at} count={efforts.length} said={said} onMove={setAt} />
          {chosen && (
            <Link href={`/workouts/${chosen.workout_id}`} className="text-accent hover:underline">
              {c.openOf(dateName(chosen.date))}
            </Link>
          )}
        </>
      )}
    </>
  );
}

function EffortTable({
  efforts,
  value,
}: {
  efforts: readonly BestEffort[];
  value(effort: BestEffort): string;
}) {
  const columns: Column<BestEffort>[] = [
    { key: "held", label: c.held, value: (effort) => long(effort.duration_s) },
    { key: "best", label: c.best, value },
    { key: "day", label: c.day, value: (effort) => dateName(effort.date) },
    {
      key: "workout",
      label: c.workout,
      value: (effort) => (
        <Link href={`/workouts/${effort.workout_id}`} className="text-accent hover:underline">
          <span className="sr-only">{c.openOf(dateName(effort.date))}</span>
          <span aria-hidden>{c.open}</span>
        </Link>
      ),
    },
  ];
  return (
    <DataTable
      label={c.title}
      columns={columns}
      rows={efforts}
      keyOf={(effort) => String(effort.duration_s)}
    />
  );
}

/** The effort whose duration is nearest, as the axis shows it. */
function indexOf(efforts: readonly BestEffort[], seconds: number): number {
  const away = ({ duration_s }: BestEffort) => Math.abs(Math.log(duration_s / seconds));
  return efforts.reduce((best, effort, n) => (away(effort) < away(efforts[best] ?? effort) ? n : best), 0);
}

/** Durations on a logarithmic axis; pace in seconds, the faster the higher. */
function effortPlot(
  channel: ChannelName,
  efforts: readonly BestEffort[],
  units: Units,
): (width: number) => Plot {
  const paced = channel === "speed_mps";
  const axis = (value: number) => (paced ? METRES[units] / value : value);
  const points = efforts.map(({ duration_s, value }) => ({ x: Math.log10(duration_s), y: axis(value) }));
  const ys = points.map(({ y }) => y);
  const margin = Math.max((Math.max(...ys) - Math.min(...ys)) * 0.08, 1);
  const [from, to] = [Math.min(...ys) - margin, Math.max(...ys) + margin];
  const step = paced ? 30 * Math.max(1, Math.ceil((to - from) / 150)) : roundStep(to - from, 5);
  const last = points.at(-1)?.x ?? 1;
  return (width) => ({
    series: [{ points, colour: COLOURS[channel] }],
    x: {
      from: points[0]?.x ?? 0,
      to: last,
      ticks: TICKS_S.filter((_, n) => width >= 480 || n % 2 === 1)
        .filter((seconds) => Math.log10(seconds) <= last)
        .map((seconds) => ({ at: Math.log10(seconds), text: long(seconds) })),
    },
    y: {
      from,
      to,
      ticks: multiples(from, to, step).map((at) => ({ at, text: paced ? duration(at) : number(at) })),
      reversed: paced,
    },
  });
}
