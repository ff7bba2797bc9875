"use client";
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { deleteWorkout, listWorkouts, mergeWorkouts, splitWorkout, type WorkoutQuery } from "@/lib/api";

/** The list, page after page; the rows before stay while others are asked for. */
export function useWorkouts(query: WorkoutQuery) {
  const result = useInfiniteQuery({
    queryKey: ["workouts", query],
    queryFn: ({ pageParam }) => listWorkouts(query, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next,
    placeholderData: keepPreviousData,
    staleTime: 5 * 60_000,
  });
  const rows = useMemo(() => result.data?.pages.flatMap((page) => page.data) ?? [], [result.data]);
  return { ...result, rows };
}

/** Combining, splitting and deleting change every list, so the lists start anew. */
function useListChange<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () =>
      Promise.all([
        client.resetQueries({ queryKey: ["workouts"] }),
        client.invalidateQueries({ queryKey: ["workout"] }),
        client.invalidateQueries({ queryKey: ["matches"] }),
      ]),
  });
}

export const useMerge = () => useListChange(mergeWorkouts);
export const useSplit = () => useListChange(splitWorkout);
export const useDelete = () => useListChange(deleteWorkout);
