"use client";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import type { MapState } from "./useMap";

const p = t.workouts.page;

type Props = { map: MapState; lost: boolean };

/** Whether streets and places lie beneath the track, whose they are, and that some are missing. */
export function MapChoice({ map: { offered, shown, show }, lost }: Props) {
  if (!offered) return null;
  const { host } = new URL(offered.origin);
  return (
    <div className="flex w-full flex-wrap items-center gap-x-4 gap-y-1">
      <Button onClick={() => show(!shown)}>{shown ? p.hideMap : p.showMap}</Button>
      {shown && <span className="ml-auto">{shown.attribution}</span>}
      {!shown && <p className="basis-full wrap-anywhere text-pretty">{p.mapTells(host)}</p>}
      {shown && lost && (
        <p role="status" className="basis-full wrap-anywhere text-pretty">
          {p.mapLost(host)}
        </p>
      )}
    </div>
  );
}
