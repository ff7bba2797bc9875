"use client";
import type { WorkoutDetail } from "@/lib/api";
import { distance, text } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import type { Track } from "./track";

type Props = { workout: WorkoutDetail; track: Track; cursor: number | null };

/** The track alone, without a map: no address outside is ever asked for tiles. */
export function TrackView({ workout, track, cursor }: Props) {
  const { units } = usePreferences();
  const { width, height, scale } = track;
  const here = cursor === null ? null : track.spots[cursor];
  const scaleText = scale.metres >= 1000 ? `${scale.metres / 1000}\u00a0km` : `${scale.metres}\u00a0m`;
  return (
    <figure className="flex h-full flex-col">
      <svg
        role="img"
        aria-label={t.workouts.page.trackLabel(text(distance(workout.distance_m, units)))}
        viewBox={`0 0 ${width} ${height}`}
        className="max-h-96 w-full flex-1"
      >
        {track.paths.map((path) => (
          <path
            key={path.slice(0, 40)}
            d={path}
            fill="none"
            strokeWidth={2.5}
            strokeLinejoin="round"
            strokeLinecap="round"
            className="stroke-accent"
          />
        ))}
        <circle
          cx={track.finish.x}
          cy={track.finish.y}
          r={5}
          strokeWidth={2}
          className="fill-surface stroke-fg"
        />
        <circle
          cx={track.start.x}
          cy={track.start.y}
          r={5}
          strokeWidth={2}
          className="fill-ok stroke-surface"
        />
        {here && (
          <circle cx={here.x} cy={here.y} r={6} strokeWidth={2} className="fill-accent stroke-surface" />
        )}
      </svg>
      <figcaption className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
        <span className="flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-full bg-ok" />
          {t.workouts.page.start}
        </span>
        <span className="flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-full border-2 border-fg" />
          {t.workouts.page.finish}
        </span>
        <span className="ml-auto">{t.workouts.page.extent(scaleText)}</span>
      </figcaption>
    </figure>
  );
}
