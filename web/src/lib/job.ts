"use client";
import { useQuery } from "@tanstack/react-query";
import { getJob, type Job } from "@/lib/api";
import { isLive, isOver, useLive } from "./live";

export { isOver };

const FIRST_MS = 700;
const LONGEST_MS = 8_000;
/** While news come by themselves, asking is for those that were lost. */
const LIVE_MS = 20_000;

/** Follows a job until it is over: told of each change, or else asking more and more seldom. */
export function useJob(id: string | null, known?: Job) {
  const query = useQuery({
    queryKey: ["job", id],
    queryFn: () => getJob(id ?? ""),
    enabled: id !== null && !(known && isOver(known)),
    initialData: known && { job: known, retryAfter_s: null },
    staleTime: 500,
    refetchInterval: ({ state }) => {
      if (state.data && isOver(state.data.job)) return false;
      if (isLive()) return LIVE_MS;
      const asked_ms = (state.data?.retryAfter_s ?? 0) * 1000;
      return Math.max(asked_ms, Math.min(LONGEST_MS, FIRST_MS * 1.35 ** Math.min(state.dataUpdateCount, 12)));
    },
  });
  const job = query.data?.job ?? null;
  const ended = job !== null && isOver(job);
  useLive(id !== null && !ended);
  return { job, error: query.error, ended };
}

/** How far a job is, from 0 to 1; null while nobody knows. */
export const share = (job: { done: number; total: number | null } | null) =>
  job?.total ? Math.min(1, job.done / job.total) : null;
