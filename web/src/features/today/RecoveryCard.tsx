"use client";
import { lazy, Suspense } from "react";
import type { Reading } from "@/features/body/calls";
import { hours } from "@/features/body/reading";
import { STAGES, StageBar, StageMark } from "@/features/body/StageBar";
import { plusDays, today } from "@/features/calendar/month";
import { dateName } from "@/features/load/dates";
import type { Source } from "@/features/sources/calls";
import { providerName } from "@/lib/format";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { useRecovery } from "./queries";
import { RecoveryFigure } from "./RecoveryFigure";
import { type Recovery, recoveryOf, verdictOf } from "./recovery";

const About = lazy(() => import("./RecoveryAbout"));

const r = t.today.recovery;
/** A device that was synced by hand may be a day late; beyond this something is to be looked after. */
const LATE_DAYS = 2;

/** What the last night says of how somebody has recovered. */
export function RecoveryCard({ sources }: { sources: readonly Source[] }) {
  const latest = useRecovery();
  return (
    <Card
      title={r.title}
      actions={
        <span className="flex items-center gap-1">
          {latest.data && latest.data.data.length > 0 && (
            <Suspense fallback={<span className="size-9 pointer-coarse:size-11" />}>
              <About {...latest.data.meta} />
            </Suspense>
          )}
          <Link href="/biometrics" className="text-accent hover:underline">
            {r.more}
          </Link>
        </span>
      }
    >
      <Loaded of={latest} rows={3}>
        {({ data, meta }) => {
          const found = recoveryOf(data);
          if (!found) return <Nothing measuring={measuring(sources, meta.precedence)} />;
          return <Night of={found} />;
        }}
      </Loaded>
    </Card>
  );
}

function Night({ of }: { of: Recovery }) {
  return (
    <div className="@container">
      <Sentence of={of} />
      <ul className="-mx-2 mt-2 grid grid-cols-2 gap-1 @lg:grid-cols-4">
        {of.figures.map((reading) => (
          <li key={reading.type}>
            <RecoveryFigure reading={reading} night={of.date} />
          </li>
        ))}
      </ul>
      {of.stages && <Stages of={of.stages} beside={of.figures[0]} />}
    </div>
  );
}

/** What it says; of a night that is not the last one only which it is, since it says nothing of today. */
function Sentence({ of }: { of: Recovery }) {
  const now = today();
  if (of.date >= now) {
    const { verdict, off } = verdictOf(of);
    const signs = off.map(({ sign, stands }) => [r.signs[sign], stands] as const);
    return <p className="text-pretty">{r.verdicts[verdict](signs.length > 0 ? r.off(signs) : "")}</p>;
  }
  if (of.date >= plusDays(now, -LATE_DAYS)) return <p className="text-pretty">{r.late(dateName(of.date))}</p>;
  return (
    <p className="text-pretty">
      {r.old(dateName(of.date))}{" "}
      <Link href="/sources" className="text-accent underline underline-offset-2">
        {r.sources}
      </Link>
    </p>
  );
}

/** Of the same source as the sleep itself, unless that tells none. */
function Stages({ of, beside }: { of: Reading; beside: Reading | undefined }) {
  const { night } = of;
  if (!night) return null;
  const long_s = STAGES.reduce((sum, stage) => sum + (night[`${stage}_s`] ?? 0), 0);
  if (long_s === 0) return null;
  return (
    <section aria-label={r.stages} className="mt-3">
      <StageBar night={night} longest_s={long_s} />
      <p
        aria-hidden
        className="figures mt-1.5 grid grid-cols-2 gap-x-4 gap-y-0.5 text-xs text-muted @sm:grid-cols-4"
      >
        {STAGES.map((stage) => (
          <span key={stage} className="inline-flex items-center gap-1.5">
            <StageMark stage={stage} />
            {t.body.stages[`${stage}_s`]} {hours(night[`${stage}_s`])}
          </span>
        ))}
        {of.source !== beside?.source && <span>{providerName(of.source)}</span>}
      </p>
    </section>
  );
}

/** The names of the connected services that know of nights, as the API has them in its order of sources. */
const measuring = (sources: readonly Source[], known: readonly string[]): string[] =>
  sources.flatMap(({ provider }) => (known.includes(provider) ? [providerName(provider)] : []));

function Nothing({ measuring: names }: { measuring: readonly string[] }) {
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-pretty text-muted">
        {names.length > 0
          ? r.waiting(new Intl.ListFormat("en", { type: "disjunction" }).format(names))
          : r.empty}
      </p>
      <span className="flex flex-wrap gap-2">
        {names.length > 0 ? (
          <LinkButton href="/sources">{r.sources}</LinkButton>
        ) : (
          <>
            <LinkButton href="/sources">{t.today.connect}</LinkButton>
            <LinkButton href="/uploads">{t.today.upload}</LinkButton>
          </>
        )}
      </span>
    </div>
  );
}
