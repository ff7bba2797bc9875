"use client";
import type { UseQueryResult } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { Streams, WorkoutDetail } from "@/lib/api";
import * as t from "@/texts/en";
import { ProblemNotice } from "@/ui/ProblemNotice";

const CurveStack = lazy(() => import("./CurveStack"));

/** The part of the page that needs the chart library, which comes while the samples are fetched. */
export function Curves({ workout, streams }: { workout: WorkoutDetail; streams: UseQueryResult<Streams> }) {
  if (Object.keys(workout.channels).length === 0)
    return (
      <p className="rounded-xl border border-line bg-surface p-5 text-muted">{t.workouts.page.noStreams}</p>
    );
  if (streams.isError) return <ProblemNotice error={streams.error} onRetry={() => void streams.refetch()} />;
  const waiting = <div className="skeleton h-160 w-full" />;
  if (!streams.data) return waiting;
  return (
    <Suspense fallback={waiting}>
      <CurveStack workout={workout} streams={streams.data} />
    </Suspense>
  );
}
