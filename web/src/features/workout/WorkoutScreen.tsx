"use client";
import { ArrowLeft } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { titleOf } from "@/features/workouts/naming";
import { isProblem } from "@/lib/api";
import { addressFor } from "@/lib/athlete";
import { Link, useIdInPath } from "@/lib/nav";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Conflicts } from "./Conflicts";
import { Curves } from "./Curves";
import { Flags } from "./Flags";
import { KeyFigures } from "./KeyFigures";
import { Laps, Lengths } from "./Laps";
import { Parts } from "./Parts";
import { useStreams, useWorkout } from "./queries";
import { Sources } from "./Sources";
import { WorkoutHeader } from "./WorkoutHeader";
import { WorkoutSkeleton } from "./WorkoutSkeleton";

const AthleteName = lazy(() => import("@/features/athletes/AthleteName"));

export function WorkoutScreen() {
  const id = useIdInPath();
  const { data: workout, error, isPending, isError, refetch } = useWorkout(id);
  const { data: me } = useMe();
  const own = workout !== undefined && me?.account.id === workout.athlete_id;
  const athlete = workout && me && !own ? workout.athlete_id : "";
  const streams = useStreams(id, workout !== undefined && Object.keys(workout.channels).length > 0);
  useEffect(() => {
    if (workout) document.title = `${titleOf(workout)} · ${t.product}`;
  }, [workout]);
  return (
    <>
      <Link
        href={addressFor("/workouts", athlete)}
        className="mb-3 inline-flex min-h-8 items-center gap-1.5 text-muted hover:text-fg"
      >
        <ArrowLeft size={16} aria-hidden />
        <span>
          {athlete && (
            <Suspense>
              <AthleteName athlete={athlete} />
              {": "}
            </Suspense>
          )}
          {athlete ? t.workouts.page.backTheirs : t.workouts.page.back}
        </span>
      </Link>
      {!workout && <h1 className="sr-only">{t.workouts.columns.workout}</h1>}
      {isPending && <WorkoutSkeleton />}
      {isError && isProblem(error) && error.status === 404 && (
        <Empty title={t.problems.goneTitle} text={t.problems.goneText}>
          <LinkButton href="/workouts">{t.problems.toWorkouts}</LinkButton>
        </Empty>
      )}
      {isError && !(isProblem(error) && error.status === 404) && !workout && (
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      )}
      {workout && (
        <>
          <WorkoutHeader workout={workout} own={own} />
          <div className="flex flex-col gap-5">
            <Flags workout={workout} />
            <KeyFigures workout={workout} />
            <Curves workout={workout} streams={streams} />
            <Parts workout={workout} />
            <Laps workout={workout} />
            <Lengths workout={workout} />
            <Conflicts workout={workout} />
            <Sources workout={workout} />
          </div>
        </>
      )}
    </>
  );
}
