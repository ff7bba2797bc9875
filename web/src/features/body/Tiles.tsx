"use client";
import { dateName } from "@/features/load/dates";
import { cx } from "@/lib/classes";
import { providerName } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import type { Kind, Reading } from "./calls";
import { shown, standing } from "./reading";

const b = t.body;

type Props = { readings: readonly Reading[]; chosen: Kind; onChoose(kind: Kind): void };

/** The newest of each kind with what is usual; choosing one shows it over time below. */
export function Tiles({ readings, chosen, onChoose }: Props) {
  return (
    <ul
      aria-label={b.latest}
      className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-surface sm:grid-cols-3 lg:grid-cols-4"
    >
      {readings.map((reading) => (
        <li key={reading.type} className="shadow-[0_0_0_1px_var(--line)]">
          <button
            type="button"
            aria-pressed={reading.type === chosen}
            onClick={() => onChoose(reading.type)}
            className={cx(
              "h-full w-full px-4 py-3 text-left -outline-offset-2!",
              reading.type === chosen ? "bg-accent-soft" : "hover:bg-sunken",
            )}
          >
            <Tile reading={reading} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Tile({ reading }: { reading: Reading }) {
  const { units } = usePreferences();
  const { figure, unit } = shown(reading.type, reading.value, reading.unit, units);
  const stands = standing(reading);
  return (
    <>
      <span className="block text-xs text-muted">{b.kinds[reading.type]}</span>
      <span className="figures mt-0.5 flex flex-wrap items-baseline gap-x-1.5 text-2xl font-semibold">
        {figure}
        {unit && <span className="text-sm font-normal text-muted">{unit}</span>}
      </span>
      <span className="block text-xs text-muted">
        {stands && reading.usual
          ? b.standing[stands](
              shown(reading.type, reading.usual.low, "", units).figure,
              shown(reading.type, reading.usual.high, "", units).figure,
            )
          : b.unknownYet}
      </span>
      <span className="block text-xs text-muted">
        {dateName(reading.date)} · {providerName(reading.source)}
      </span>
    </>
  );
}
