"use client";
import { createColumnHelper, rowSelectionFeature, tableFeatures } from "@tanstack/react-table";
import { TriangleAlert } from "lucide-react";
import type { Workout } from "@/lib/api";
import {
  clock,
  day,
  distance,
  duration,
  heartRate,
  kindName,
  sourceLabel,
  tempo,
  text,
  words,
  zoneOf,
} from "@/lib/format";
import { Link } from "@/lib/nav";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Checkbox } from "@/ui/Checkbox";
import { Chip } from "@/ui/Chip";
import { SportIcon } from "@/ui/SportIcon";
import { QUIET_FLAGS, titleOf } from "./naming";

export const features = tableFeatures({ rowSelectionFeature });
const helper = createColumnHelper<typeof features, Workout>();
const c = t.workouts.columns;

/** What a column is sorted by at first, where it can be sorted. */
export const SORTS: Record<string, string> = {
  workout: "-start_time",
  distance: "-distance_m",
  duration: "-duration_s",
};

const select = helper.display({
  id: "select",
  header: () => <span className="sr-only">{c.select}</span>,
  cell: ({ row }) => (
    <span className="relative z-10 -m-2 flex p-2">
      <Checkbox
        label={t.workouts.selectRow(titleOf(row.original))}
        hideLabel
        checked={row.getIsSelected()}
        onChange={(checked) => row.toggleSelected(checked)}
      />
    </span>
  ),
});

const workout = helper.display({
  id: "workout",
  header: c.workout,
  cell: ({ row }) => <TitleCell workout={row.original} />,
});
const distanceColumn = helper.display({
  id: "distance",
  header: c.distance,
  cell: ({ row }) => <Distance workout={row.original} />,
});
const durationColumn = helper.display({
  id: "duration",
  header: c.duration,
  cell: ({ row }) => duration(row.original.duration_s),
});
const tempoColumn = helper.display({
  id: "tempo",
  header: c.tempo,
  cell: ({ row }) => <Tempo workout={row.original} />,
});
const heart = helper.display({
  id: "heart",
  header: c.heartRate,
  cell: ({ row }) => text(heartRate(row.original.avg_hr_bpm)),
});
const sources = helper.display({
  id: "sources",
  header: c.sources,
  cell: ({ row }) => <Sources workout={row.original} />,
});
const both = helper.display({
  id: "both",
  header: c.distance,
  cell: ({ row }) => (
    <>
      {row.original.distance_m !== null && <Distance workout={row.original} />}
      <span className="block text-muted">{duration(row.original.duration_s)}</span>
    </>
  ),
});

const FACTS = {
  wide: helper.columns([workout, distanceColumn, durationColumn, tempoColumn, heart, sources]),
  narrow: helper.columns([workout, both]),
};
const CHOOSABLE = {
  wide: helper.columns([select, workout, distanceColumn, durationColumn, tempoColumn, heart, sources]),
  narrow: helper.columns([select, workout, both]),
};

export const columnsOf = (narrow: boolean, choosable: boolean) =>
  (choosable ? CHOOSABLE : FACTS)[narrow ? "narrow" : "wide"];

function TitleCell({ workout }: { workout: Workout }) {
  const preferences = usePreferences();
  const zone = zoneOf(workout, preferences);
  const named = Boolean(workout.title);
  return (
    <span className="flex min-w-0 items-center gap-3">
      <span className="flex size-9 shrink-0 items-center justify-center rounded-lg bg-sunken text-muted max-sm:hidden">
        <SportIcon sport={workout.sport} />
      </span>
      <span className="min-w-0">
        <span className="flex items-center gap-2">
          <Link
            href={`/workouts/${workout.id}`}
            data-row-link
            className="truncate font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
          >
            {titleOf(workout)}
          </Link>
          <Flags codes={workout.flags} />
        </span>
        <span className="figures block truncate text-muted">
          {`${day(workout.start_time, zone)}, ${clock(workout.start_time, zone)}`}
          {named && ` · ${kindName(workout.sport, workout.sub_sport)}`}
          {workout.parts.length > 1 && ` · ${t.workouts.parts(workout.parts.length)}`}
        </span>
      </span>
    </span>
  );
}

/** A sign that something about the recording is worth knowing; the words are its tooltip and spoken text. */
function Flags({ codes }: { codes: readonly string[] }) {
  const loud = codes.filter((code) => !QUIET_FLAGS.has(code));
  if (loud.length === 0) return null;
  const said = loud.map((code) => t.workouts.flags[code]?.[0] ?? words(code)).join(", ");
  return (
    <span title={said} className="relative z-10 shrink-0 text-warn">
      <TriangleAlert size={15} aria-hidden />
      <span className="sr-only">{said}</span>
    </span>
  );
}

function Distance({ workout }: { workout: Workout }) {
  const { units } = usePreferences();
  return <span className="block">{text(distance(workout.distance_m, units, workout.sport))}</span>;
}

function Tempo({ workout }: { workout: Workout }) {
  const { units } = usePreferences();
  return text(tempo(workout.avg_speed_mps, workout.sport, units));
}

const unknownLast = (a: string, b: string) =>
  Number(a === t.workouts.page.noDevice) - Number(b === t.workouts.page.noDevice);

function Sources({ workout }: { workout: Workout }) {
  const [first, ...others] = workout.sources.map(sourceLabel).sort(unknownLast);
  return (
    <span className="flex gap-1" title={[first, ...others].join(", ")}>
      {first && (
        <Chip>
          <span className="truncate">{first}</span>
        </Chip>
      )}
      {others.length > 0 && (
        <Chip fixed>
          <span className="sr-only">{others.join(", ")}</span>
          <span aria-hidden>+{others.length}</span>
        </Chip>
      )}
    </span>
  );
}
