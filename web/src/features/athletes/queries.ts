"use client";
import { useQuery } from "@tanstack/react-query";
import { listAthletes } from "./calls";
import type { Known } from "./reading";

/** What is known of each who lets one read their workouts, by their id. */
export const useKnown = (from: string) =>
  useQuery({
    queryKey: ["workouts", "athletes", from],
    queryFn: () => listAthletes(from),
    select: (athletes) =>
      new Map<string, Known>(
        athletes.map(({ athlete_id, last_workout: last, days, without_tss: without }) => [
          athlete_id,
          { last, days, without },
        ]),
      ),
  });
