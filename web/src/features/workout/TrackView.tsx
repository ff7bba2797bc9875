"use client";
import { lazy, Suspense, useState } from "react";
import type { WorkoutDetail } from "@/lib/api";
import { distance, text } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { MapChoice } from "./MapChoice";
import { type Frame, frameOf } from "./tiles";
import type { Track } from "./track";
import { useMap } from "./useMap";

const MapTiles = lazy(() => import("./MapTiles"));

type Props = { workout: WorkoutDetail; track: Track; cursor: number | null };

/** The track alone, without a map, until its athlete has said that a server of tiles may be asked for one. */
export function TrackView({ workout, track, cursor }: Props) {
  const { units } = usePreferences();
  const map = useMap(workout.athlete_id);
  const [lost, setLost] = useState(false);
  const frame = map.shown ? frameOf(track) : { x: 0, y: 0, width: track.width, height: track.height };
  const { scale } = track;
  const scaleText = scale.metres >= 1000 ? `${scale.metres / 1000}\u00a0km` : `${scale.metres}\u00a0m`;
  return (
    <figure className="flex h-full flex-col">
      <div
        className={map.shown ? "relative overflow-hidden rounded-lg bg-sunken" : "flex flex-1 flex-col"}
        style={map.shown ? { aspectRatio: `${frame.width} / ${frame.height}` } : undefined}
      >
        {map.shown && (
          <Suspense>
            <MapTiles
              key={map.shown.url}
              tiles={map.shown}
              track={track}
              frame={frame}
              onLost={() => setLost(true)}
            />
          </Suspense>
        )}
        <Drawing
          label={t.workouts.page.trackLabel(text(distance(workout.distance_m, units)))}
          track={track}
          frame={frame}
          cursor={cursor}
          onMap={map.shown !== null}
        />
      </div>
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
        <MapChoice map={map} lost={lost} />
      </figcaption>
    </figure>
  );
}

type DrawingProps = { label: string; track: Track; frame: Frame; cursor: number | null; onMap: boolean };

/** On a map the line has an edge, so that it stands out of whatever is beneath. */
function Drawing({ label, track, frame, cursor, onMap }: DrawingProps) {
  const here = cursor === null ? null : track.spots[cursor];
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`${frame.x} ${frame.y} ${frame.width} ${frame.height}`}
      className={onMap ? "absolute inset-0 size-full" : "max-h-96 w-full flex-1"}
    >
      {onMap &&
        track.paths.map((path) => (
          <Line key={path.slice(0, 40)} path={path} width={6} className="stroke-surface" />
        ))}
      {track.paths.map((path) => (
        <Line key={path.slice(0, 40)} path={path} width={2.5} className="stroke-accent" />
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
  );
}

function Line({ path, width, className }: { path: string; width: number; className: string }) {
  return (
    <path
      d={path}
      fill="none"
      strokeWidth={width}
      strokeLinejoin="round"
      strokeLinecap="round"
      className={className}
    />
  );
}
