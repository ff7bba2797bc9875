"use client";
import { useQuery } from "@tanstack/react-query";
import { getJob, type Job, listUploads } from "@/lib/api";

const FIRST_MS = 700;
const LONGEST_MS = 8_000;

export const isOver = (job: Pick<Job, "state">) => !["queued", "running"].includes(job.state);

/** Follows a job until it is over: more and more seldom while nothing happens, as the server asks when it does. */
export function useJob(id: string | null, known?: Job) {
  return useQuery({
    queryKey: ["job", id],
    queryFn: () => getJob(id ?? ""),
    enabled: id !== null && !(known && isOver(known)),
    initialData: known && { job: known, retryAfter_s: null },
    staleTime: 500,
    refetchInterval: ({ state }) => {
      if (state.data && isOver(state.data.job)) return false;
      const asked_ms = (state.data?.retryAfter_s ?? 0) * 1000;
      return Math.max(asked_ms, Math.min(LONGEST_MS, FIRST_MS * 1.35 ** Math.min(state.dataUpdateCount, 12)));
    },
  });
}

export const uploadsKey = ["uploads"] as const;
export const useUploads = () => useQuery({ queryKey: uploadsKey, queryFn: listUploads });
