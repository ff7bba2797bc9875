"use client";
import { useQuery } from "@tanstack/react-query";
import { getJob } from "@/lib/api";

const PAUSE_MS = 800;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** A job, asked for until it has ended. */
export function useJob(id: string | null) {
  const query = useQuery({
    queryKey: ["job", id],
    queryFn: () => getJob(id ?? ""),
    enabled: id !== null,
    refetchInterval: ({ state }) =>
      state.data && ENDED.has(state.data.job.state)
        ? false
        : Math.max(PAUSE_MS, (state.data?.retryAfter_s ?? 0) * 1000),
  });
  const job = query.data?.job ?? null;
  return { job, error: query.error, ended: job !== null && ENDED.has(job.state) };
}

/** How far a job is, from 0 to 1; null while nobody knows. */
export const share = (job: { done: number; total: number | null } | null) =>
  job?.total ? Math.min(1, job.done / job.total) : null;
