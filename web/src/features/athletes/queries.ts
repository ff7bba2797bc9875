"use client";
import { useQueries } from "@tanstack/react-query";
import { getLoad } from "@/features/load/calls";
import { listWorkouts } from "@/lib/api";
import type { Known } from "./reading";

async function getKnown(athlete: string, from: string): Promise<Known> {
  const [workouts, load] = await Promise.all([
    listWorkouts({ athlete_id: athlete }, null, 1),
    getLoad({ from, to: "", athlete }),
  ]);
  return { last: workouts.data[0] ?? null, days: load.data, without: load.meta.without_tss };
}

/** What is known of each, in their order. */
export const useKnown = (athletes: readonly string[], from: string) =>
  useQueries({
    queries: athletes.map((athlete) => ({
      queryKey: ["workouts", "athlete", athlete, from],
      queryFn: () => getKnown(athlete, from),
    })),
  });
