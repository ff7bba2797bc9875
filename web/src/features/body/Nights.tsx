"use client";
import { dateName } from "@/features/load/dates";
import * as t from "@/texts/en";
import type { Night, Reading } from "./calls";
import { hours } from "./reading";
import { FILLS, STAGES, StageBar, StageMark, saidOf } from "./StageBar";

const b = t.body;
const ROWS = { awake: 0, rem: 1, light: 2, deep: 3 } as const;
const SHOWN = 14;
const LONGEST_S = 36_000;
const [WIDTH, ROW] = [1000, 22];

/** The last night as it went, and the nights before it by how long each stage was. */
export function Nights({ readings, weekly }: { readings: readonly Reading[]; weekly: boolean }) {
  const nights = readings
    .flatMap(({ date, night }) => (night ? [{ date, night }] : []))
    .slice(-SHOWN)
    .reverse();
  const [last] = nights;
  if (!last) return null;
  return (
    <div className="flex flex-col gap-4">
      {!weekly && last.night.stages.length > 0 && <Course date={last.date} night={last.night} />}
      <section aria-label={b.lastNights}>
        <h3 className="text-sm font-medium">{weekly ? b.lastWeeks : b.lastNights}</h3>
        <p aria-hidden className="mt-1 flex flex-wrap gap-x-4 text-xs text-muted">
          {STAGES.map((stage) => (
            <span key={stage} className="inline-flex items-center gap-1.5">
              <StageMark stage={stage} />
              {b.stages[`${stage}_s`]}
            </span>
          ))}
        </p>
        <ul className="mt-2 flex flex-col gap-1">
          {nights.map(({ date, night }) => (
            <li key={date} className="grid grid-cols-[5.5rem_1fr_3rem] items-center gap-3 text-xs">
              <span className="text-muted">{dateName(date)}</span>
              <StageBar night={night} longest_s={LONGEST_S} />
              <span className="figures text-right">{hours(night.asleep_s)}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** The stages one after the other, deep sleep at the bottom. */
function Course({ date, night }: { date: string; night: Night }) {
  const [start, end] = [night.stages[0]?.start, night.stages.at(-1)?.end].map((at) => Date.parse(at ?? ""));
  if (!start || !end) return null;
  const place = (at: string) => ((Date.parse(at) - start) / (end - start)) * WIDTH;
  return (
    <section aria-label={b.course(dateName(date))}>
      <h3 className="text-sm font-medium">{b.course(dateName(date))}</h3>
      <div className="mt-2 grid grid-cols-[5.5rem_1fr] gap-3">
        <ul aria-hidden className="text-xs text-muted">
          {(["awake", "rem", "light", "deep"] as const).map((stage) => (
            <li key={stage} className="flex h-6 items-center">
              {b.stages[`${stage}_s`]}
            </li>
          ))}
        </ul>
        <svg
          viewBox={`0 0 ${WIDTH} ${4 * ROW}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={saidOf(night)}
          className="h-24 w-full"
        >
          {night.stages.map(({ stage, start: from, end: to }) => (
            <rect
              key={from}
              x={place(from)}
              width={Math.max(1, place(to) - place(from))}
              y={ROWS[stage] * ROW + 4}
              height={ROW - 8}
              className={FILLS[stage]}
            />
          ))}
        </svg>
      </div>
    </section>
  );
}
