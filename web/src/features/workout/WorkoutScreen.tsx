"use client";
import { ArrowLeft } from "lucide-react";
import { useEffect } from "react";
import { titleOf } from "@/features/workouts/naming";
import { isProblem } from "@/lib/api";
import { Link, useIdInPath } from "@/lib/nav";
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

export function WorkoutScreen() {
  const id = useIdInPath();
  const { data: workout, error, isPending, isError, refetch } = useWorkout(id);
  const streams = useStreams(id, workout !== undefined && Object.keys(workout.channels).length > 0);
  useEffect(() => {
    if (workout) document.title = `${titleOf(workout)} · ${t.product}`;
  }, [workout]);
  return (
    <>
      <Link
        href="/workouts"
        className="mb-3 inline-flex min-h-8 items-center gap-1.5 text-muted hover:text-fg"
      >
        <ArrowLeft size={16} aria-hidden />
        {t.workouts.page.back}
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
          <WorkoutHeader workout={workout} />
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
