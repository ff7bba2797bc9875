"use client";
import { useQuery } from "@tanstack/react-query";
import { listWorkouts } from "@/lib/api";
import { mondays } from "./week";

const SHOWN = 5;
const MOST = 200;
const localDay = (at: Date) =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

/** The last few, however long ago. */
export const useLastWorkouts = (athlete = "") =>
  useQuery({
    queryKey: ["workouts", "last", athlete],
    queryFn: () => listWorkouts(athlete ? { athlete_id: athlete } : {}, null, SHOWN),
  });

/** Those of this week and the last. */
export function useRecent() {
  const from = localDay(mondays().last);
  return useQuery({
    queryKey: ["workouts", "since", from],
    queryFn: () => listWorkouts({ from }, null, MOST),
  });
}
