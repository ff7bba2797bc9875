"use client";
import type { Reading } from "@/features/body/calls";
import { shown, standing } from "@/features/body/reading";
import { dateName } from "@/features/load/dates";
import { cx } from "@/lib/classes";
import { providerName } from "@/lib/format";
import { Link } from "@/lib/nav";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { placeOf, speaksAgainst } from "./recovery";

const r = t.today.recovery;

/** A figure against what is usual, who measured it and what others say; leads to where it is shown over time. */
export function RecoveryFigure({ reading, night }: { reading: Reading; night: string }) {
  const { units } = usePreferences();
  const read = (value: number) => shown(reading.type, value, reading.unit, units);
  const { figure, unit } = read(reading.value);
  const stands = standing(reading);
  return (
    <Link
      href={`/biometrics?kind=${reading.type}`}
      className="block h-full rounded-lg p-2 -outline-offset-2! hover:bg-sunken"
    >
      <span className="block text-xs text-muted">{r.figures[reading.type]}</span>
      <span className="figures mt-0.5 flex flex-wrap items-baseline gap-x-1.5 text-2xl font-semibold">
        {figure}
        <span className="text-sm font-normal text-muted">
          {reading.type === "recovery_score" ? r.of100 : unit}
        </span>
      </span>
      <UsualLine reading={reading} />
      <span className="figures block text-xs text-muted">
        {stands && reading.usual
          ? t.body.standing[stands](read(reading.usual.low).figure, read(reading.usual.high).figure)
          : t.body.unknownYet}
      </span>
      <span className="figures block text-xs text-muted">
        {saidBy(reading, night, (value) => read(value).figure)}
      </span>
    </Link>
  );
}

/** "WHOOP · Oura says 58"; with the day where that is not the night's. */
function saidBy(reading: Reading, night: string, read: (value: number) => string): string {
  const say = reading.type === "recovery_score" ? r.scores : r.says;
  const others = (reading.alternatives ?? []).map(({ source, value }) =>
    read(value) === read(reading.value)
      ? r.same(providerName(source))
      : say(providerName(source), read(value)),
  );
  const day = reading.date === night ? [] : [dateName(reading.date)];
  return [...day, providerName(reading.source), ...others].join(" · ");
}

/** Where the value lies: the thick part is what is usual. The words below say the same. */
function UsualLine({ reading }: { reading: Reading }) {
  const place = placeOf(reading);
  if (place === null) return null;
  return (
    <svg aria-hidden className="my-1.5 block h-2.5 w-full">
      <rect y="4" width="100%" height="2" rx="1" className="fill-line" />
      <rect x="30%" y="3" width="40%" height="4" rx="2" className="fill-control/60" />
      <circle
        cx={`${place.toFixed(1)}%`}
        cy="5"
        r="4.5"
        className={cx("stroke-surface", speaksAgainst(reading) ? "fill-warn" : "fill-accent")}
      />
    </svg>
  );
}
