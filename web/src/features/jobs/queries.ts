"use client";
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useHere } from "@/features/organization/queries";
import { cancelJob, type Job } from "@/lib/api";
import { isOver } from "@/lib/job";
import { showChanged, useLive } from "@/lib/live";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";
import { type JobState, listJobs, listOrganizationJobs, retryJob } from "./calls";

const LIVE_MS = 30_000;
const POLL_MS = 4_000;
const CALM_MS = 60_000;

const paged = {
  initialPageParam: null as string | null,
  getNextPageParam: (last: { page: { next?: string | null } }) => last.page.next ?? null,
  placeholderData: keepPreviousData,
};

/** One's own jobs, moving by themselves; asked for now and then in case news were lost, often where none come. */
export function useJobs(state: JobState | "") {
  const live = useLive(true);
  const result = useInfiniteQuery({
    queryKey: ["jobs", state],
    queryFn: ({ pageParam }) => listJobs(state, pageParam),
    ...paged,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => {
      if (live) return LIVE_MS;
      return data?.pages.some((page) => page.data.some((job) => !isOver(job))) ? POLL_MS : CALM_MS;
    },
  });
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return { ...result, data, live };
}

export function useOrganizationJobs(state: JobState | "") {
  const id = useHere();
  const result = useInfiniteQuery({
    queryKey: ["organization-jobs", id, state],
    queryFn: ({ pageParam }) => listOrganizationJobs(id, state, pageParam),
    ...paged,
    enabled: id !== "",
    staleTime: 0,
    refetchInterval: LIVE_MS,
  });
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return { ...result, data };
}

/** Stops a job or tries it again; the row shows at once what came of it. */
export function useJobAction(verb: "cancel" | "retry") {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (job: Job) =>
      verb === "cancel" ? ((await cancelJob(job.id)).data as Job) : retryJob(job.id),
    onSuccess: (job) => {
      client.setQueryData(["job", job.id], { job, retryAfter_s: null });
      showChanged(client, job);
      toast(verb === "cancel" ? t.jobs.cancelled : t.jobs.retried);
    },
  });
}
