"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { editWorkout, getOutliers, getStreams, getWorkout, isProblem, type WorkoutEdit } from "@/lib/api";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";

const POINTS = 3000;

export const useWorkout = (id: string) =>
  useQuery({ queryKey: ["workout", id], queryFn: () => getWorkout(id) });

/** More points than a curve shows, because the track wants them. */
export const useStreams = (id: string, wanted: boolean) =>
  useQuery({
    queryKey: ["workout", id, "streams"],
    queryFn: () => getStreams(id, POINTS),
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Figures that stand out of the athlete's others; what is not told yet is not missed. */
export const useOutliers = (id: string) =>
  useQuery({ queryKey: ["workout", id, "outliers"], queryFn: () => getOutliers(id) }).data ?? [];

/** Saves against the version that was read; whoever was faster wins, and the page shows what they made. `asks`: the
 * caller shows a conflict itself and lets choose. */
export function useEdit(id: string, asks = false) {
  const client = useQueryClient();
  const key = ["workout", id];
  return useMutation({
    mutationFn: ({ version, edit }: { version: number; edit: WorkoutEdit }) => editWorkout(id, version, edit),
    onSuccess: (workout) => {
      client.setQueryData(key, workout);
      void client.invalidateQueries({ queryKey: ["workouts"], refetchType: "none" });
    },
    onError: (error) => {
      if (!isProblem(error) || ![409, 412].includes(error.status)) return;
      if (!asks) toast(t.workouts.page.changedMeanwhile);
      void client.invalidateQueries({ queryKey: key });
    },
  });
}
