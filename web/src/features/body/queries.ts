"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useAthlete } from "@/lib/athlete";
import { getLatest, getReadings, type Kind } from "./calls";

const KEY = "biometrics";

export function useLatest() {
  const athlete = useAthlete();
  return useQuery({ queryKey: [KEY, "latest", athlete], queryFn: () => getLatest(athlete) });
}

/** One's own, of these kinds alone. */
export const useOwnLatest = (kinds: readonly Kind[]) =>
  useQuery({ queryKey: [KEY, "latest", "", kinds], queryFn: () => getLatest("", kinds) });

export function useReadings(kind: Kind, from: string, resolution: "day" | "week", enabled = true) {
  const athlete = useAthlete();
  return useQuery({
    queryKey: [KEY, kind, from, resolution, athlete],
    queryFn: () => getReadings(kind, from, resolution, athlete),
    enabled,
    placeholderData: keepPreviousData,
  });
}
