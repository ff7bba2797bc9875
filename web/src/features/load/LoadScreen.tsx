"use client";
import { lazy, Suspense, useMemo } from "react";
import { AthletesOr } from "@/features/athletes/AthletesOr";
import { useAthlete } from "@/lib/athlete";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Choices } from "@/ui/Choices";
import { Empty } from "@/ui/Empty";
import { TextField } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { SectionNav } from "@/ui/SectionNav";
import { Efforts } from "./Efforts";
import { FormFigures } from "./FormFigures";
import { told } from "./form";
import { useLoad } from "./queries";
import { Ratios } from "./Ratios";
import { addressOf, dayOf, pastDay, RANGES, rangeOf, windowOf } from "./range";
import { LOAD_TABS } from "./tabs";
import { Zones } from "./Zones";

const FormCharts = lazy(() => import("./FormCharts"));

const l = t.load;

/** An athlete's load: where they stand, how it came about, and what it is made of. What is shown stands in the address. */
export function LoadScreen() {
  const [address, setAddress] = useQueryState();
  const range = rangeOf(address.range);
  const asOf = pastDay(address.as_of);
  const athlete = useAthlete();
  const window = useMemo(() => ({ ...windowOf(range), athlete }), [range, athlete]);
  const load = useLoad(asOf ? { ...windowOf(range, Date.parse(asOf)), athlete } : window, asOf);
  return (
    <>
      <AthletesOr athlete={athlete}>
        <PageHeader title={l.title} lead={l.lead} />
        <SectionNav label={l.tabs} items={LOAD_TABS} />
      </AthletesOr>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <Choices
          label={l.range}
          hideLabel
          value={range}
          options={RANGES.map((one) => [one, l.ranges[one]])}
          onChange={(chosen) => setAddress({ range: addressOf(chosen) })}
        />
        <TextField
          type="date"
          label={l.asOf}
          max={dayOf(Date.now())}
          value={asOf}
          onChange={(event) => setAddress({ as_of: event.target.value })}
        />
      </div>
      <Loaded of={load} rows={6}>
        {({ data, meta }) => {
          const days = told(data);
          const known = days.some((day) => day.ctl != null);
          if (!known && athlete) return <p className="text-pretty text-muted">{t.athletes.noLoad}</p>;
          if (!known) return <Nothing without={meta.without_tss} />;
          return (
            <div
              className={load.isPlaceholderData ? "flex flex-col gap-5 opacity-60" : "flex flex-col gap-5"}
            >
              {asOf && <p className="rounded-xl border border-line bg-sunken px-4 py-3">{l.asOfOn(asOf)}</p>}
              {meta.without_tss > 0 && <Without count={meta.without_tss} own={!athlete} />}
              <FormFigures days={days} formulas={meta.formulas} />
              <Suspense fallback={<div className="skeleton h-144 w-full rounded-xl" />}>
                <FormCharts days={days} />
              </Suspense>
              <Zones window={window} />
              <Efforts window={window} />
              <Ratios days={days} formulas={meta.formulas} />
            </div>
          );
        }}
      </Loaded>
    </>
  );
}

/** Some workouts can't be judged: the figures leave them out, and somebody should know. */
function Without({ count, own }: { count: number; own: boolean }) {
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-3 rounded-xl border border-warn/35 bg-warn-soft p-4">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-semibold text-warn">{l.withoutTitle(count)}</p>
        <p className="max-w-prose text-pretty">{l.withoutText}</p>
      </div>
      {own && <LinkButton href="/thresholds">{l.toThresholds}</LinkButton>}
    </div>
  );
}

function Nothing({ without }: { without: number }) {
  if (without > 0)
    return (
      <Empty title={l.noThresholdsTitle} text={l.noThresholdsText}>
        <LinkButton href="/thresholds" look="primary">
          {l.toThresholds}
        </LinkButton>
      </Empty>
    );
  return (
    <Empty title={l.emptyTitle} text={l.emptyText}>
      <span className="flex flex-wrap gap-2">
        <LinkButton href="/sources" look="primary">
          {l.connect}
        </LinkButton>
        <LinkButton href="/uploads">{l.upload}</LinkButton>
      </span>
    </Empty>
  );
}
