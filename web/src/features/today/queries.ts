"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useOwnLatest } from "@/features/body/queries";
import { useOpenMatches } from "@/features/duplicates/queries";
import { useLoad } from "@/features/load/queries";
import { windowOf } from "@/features/load/range";
import { useProposals } from "@/features/thresholds/queries";
import { listWorkouts } from "@/lib/api";
import { ASKED } from "./recovery";
import { mondays, reaches } from "./week";

const NEWEST = 30;
const MOST = 200;
const localDay = (at: Date) =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

/** The newest, however long ago. */
export const useLastWorkouts = (athlete = "") =>
  useQuery({
    queryKey: ["workouts", "last", athlete],
    queryFn: () => listWorkouts(athlete ? { athlete_id: athlete } : {}, null, NEWEST),
  });

/** All of this week and the last, and older ones among them: mostly the newest are enough to tell. */
export function useRecent() {
  const { last } = mondays();
  const from = localDay(last);
  const newest = useLastWorkouts();
  const more = newest.data !== undefined && !reaches(newest.data, last);
  const since = useQuery({
    queryKey: ["workouts", "since", from],
    queryFn: () => listWorkouts({ from }, null, MOST),
    enabled: more,
  });
  return more ? since : newest;
}

/** Six weeks of what the charts of form show. */
export const useForm = () =>
  useLoad(
    useMemo(() => windowOf("42"), []),
    "",
    "tss,ctl,atl,tsb",
  );

/** The newest of what tells how somebody has recovered. */
export const useRecovery = () => useOwnLatest(ASKED);

/** Asks at once for all that the cards show, and tells when each has its answer or has failed once: then the page can
 * stand, and nothing comes in between later. */
export function useCards(): boolean {
  const cards = [useForm(), useRecovery(), useRecent(), useProposals(), useOpenMatches()];
  return cards.every(({ isPending, failureCount }) => !isPending || failureCount > 0);
}
