"use client";
import { Pencil } from "lucide-react";
import { lazy, useRef, useState } from "react";
import { titleOf } from "@/features/workouts/naming";
import { isProblem, type WorkoutDetail } from "@/lib/api";
import {
  clock,
  day,
  distance,
  duration,
  heartRate,
  kindName,
  sportName,
  tempo,
  text,
  zoneName,
  zoneOf,
} from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button, IconButton } from "@/ui/Button";
import { Conflict } from "@/ui/Conflict";
import { inputClass } from "@/ui/Field";
import { Later } from "@/ui/Later";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { SportIcon } from "@/ui/SportIcon";
import { toast } from "@/ui/toast";
import { useEdit } from "./queries";

const WorkoutActions = lazy(() => import("./WorkoutActions"));

/** `own`: whether it may be changed here; another's may only be looked at. */
export function WorkoutHeader({ workout, own }: { workout: WorkoutDetail; own: boolean }) {
  const [editing, setEditing] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const close = () => {
    setEditing(false);
    requestAnimationFrame(() => pencil.current?.focus());
  };
  return (
    <header className="mb-5">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          {editing ? (
            <TitleForm workout={workout} onDone={close} />
          ) : (
            <div className="flex min-h-9 items-center gap-1">
              <h1 className="min-w-0 text-xl font-semibold tracking-tight">{titleOf(workout)}</h1>
              {own && (
                <IconButton ref={pencil} label={t.workouts.page.rename} onClick={() => setEditing(true)}>
                  <Pencil size={15} aria-hidden />
                </IconButton>
              )}
            </div>
          )}
        </div>
        {own && (
          <Later place="size-9 pointer-coarse:size-11">
            <WorkoutActions workout={workout} />
          </Later>
        )}
      </div>
      <Facts workout={workout} />
      <p className="mt-3 max-w-prose text-base">{useSentence(workout)}</p>
    </header>
  );
}

function Facts({ workout }: { workout: WorkoutDetail }) {
  const preferences = usePreferences();
  const zone = zoneOf(workout, preferences);
  return (
    <p className="figures mt-1 text-muted">
      <span className="mr-1.5 inline-block translate-y-0.5">
        <SportIcon sport={workout.sport} size={16} />
      </span>
      {kindName(workout.sport, workout.sub_sport)}
      {" · "}
      <time
        dateTime={workout.start_time}
      >{`${day(workout.start_time, zone)}, ${clock(workout.start_time, zone)}`}</time>
      {` (${zoneName(zone)})`}
      {workout.quality_score < 1 && (
        <span title={t.workouts.page.qualityHint}>
          {` · ${t.workouts.page.quality(Math.round(workout.quality_score * 100))}`}
        </span>
      )}
    </p>
  );
}

/** The workout in one sentence, before its figures. */
function useSentence(workout: WorkoutDetail): string {
  const { units } = usePreferences();
  const known = (value: number | null, said: string) => (value ? said : null);
  return t.workouts.page.sentence(
    sportName(workout.sport),
    known(workout.distance_m, text(distance(workout.distance_m, units, workout.sport))),
    duration(workout.moving_time_s ?? workout.duration_s),
    known(
      workout.distance_m && workout.avg_speed_mps,
      text(tempo(workout.avg_speed_mps, workout.sport, units)),
    ),
    known(workout.avg_hr_bpm, text(heartRate(workout.avg_hr_bpm))),
  );
}

function TitleForm({ workout, onDone }: { workout: WorkoutDetail; onDone(): void }) {
  const [title, setTitle] = useState(workout.title ?? "");
  const edit = useEdit(workout.id, true);
  const late = isProblem(edit.error) && edit.error.status === 412;
  const save = (event?: React.FormEvent) => {
    event?.preventDefault();
    const wanted = title.trim() || null;
    if (wanted === workout.title) return onDone();
    edit.mutate(
      { version: workout.version, edit: { title: wanted } },
      {
        onSuccess: () => {
          toast(t.workouts.page.titleSaved);
          onDone();
        },
      },
    );
  };
  return (
    <form
      onSubmit={save}
      onKeyDown={(event) => event.key === "Escape" && onDone()}
      className="flex flex-col gap-2"
    >
      <div className="flex flex-wrap gap-2">
        <input
          // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
          autoFocus
          aria-label={t.workouts.page.titleLabel}
          value={title}
          maxLength={200}
          onChange={(event) => setTitle(event.target.value)}
          className={`${inputClass} max-w-md min-w-0 flex-1 basis-48 text-base`}
        />
        <Button type="submit" look="primary" busy={edit.isPending}>
          {t.common.save}
        </Button>
        <Button onClick={onDone}>{t.common.cancel}</Button>
      </div>
      {late ? (
        <Conflict
          title={t.workouts.page.conflictTitle}
          text={t.workouts.page.conflictText(titleOf(workout))}
          theirs={t.workouts.page.takeTheirs}
          mine={t.workouts.page.keepMine}
          busy={edit.isPending}
          onTheirs={onDone}
          onMine={() => save()}
        />
      ) : (
        edit.error && <ProblemNotice error={edit.error} />
      )}
    </form>
  );
}
