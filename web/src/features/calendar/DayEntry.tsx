"use client";
import { titleOf } from "@/features/workouts/naming";
import { cx } from "@/lib/classes";
import { distance, duration, number, spokenDuration, text } from "@/lib/format";
import { Link } from "@/lib/nav";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { SportIcon } from "@/ui/SportIcon";
import type { Entry } from "./month";

type Props = { workout: Entry; roomy?: boolean };

/** One workout of a day: its sport, how long and how hard; on a phone there is room for how far. */
export function DayEntry({ workout, roomy = false }: Props) {
  const { units } = usePreferences();
  const time_s = workout.moving_time_s ?? workout.duration_s;
  const tss = workout.load?.tss;
  const figures = [
    duration(time_s),
    ...(roomy && workout.distance_m ? [text(distance(workout.distance_m, units, workout.sport))] : []),
    ...(tss == null ? [] : [t.calendar.load(number(tss))]),
  ];
  const title = titleOf(workout);
  return (
    <Link
      href={`/workouts/${workout.id}`}
      title={title}
      className={cx(
        "block min-w-0 rounded-md bg-sunken text-fg hover:bg-accent-soft",
        roomy ? "min-h-11 px-3 py-1.5" : "px-1.5 py-1 text-xs",
      )}
    >
      <span className="flex items-center gap-1.5">
        <span className="text-muted">
          <SportIcon sport={workout.sport} size={roomy ? 17 : 14} />
        </span>
        <span className="min-w-0 flex-1 truncate font-medium">{title}</span>
      </span>
      <span aria-hidden className="figures flex flex-wrap gap-x-2 text-muted">
        {figures.map((one) => (
          <span key={one}>{one}</span>
        ))}
      </span>
      <span className="sr-only">{[spokenDuration(time_s), ...figures.slice(1)].join(", ")}</span>
    </Link>
  );
}
