"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body } from "@/lib/api/client";
import { useJob } from "@/lib/job";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";
import type { Precedence } from "./order";

const KEY = ["precedence"];

export const usePrecedence = () =>
  useQuery({ queryKey: KEY, queryFn: async () => (await body(api.GET("/api/v1/precedence"))).data });

/** Saves the order; `job` is the one that builds workouts anew, which is told when it is over. */
export function useSave() {
  const client = useQueryClient();
  const [jobId, setJobId] = useState<string | null>(null);
  const { job, ended } = useJob(jobId);
  useEffect(() => {
    if (!ended) return;
    setJobId(null);
    toast(t.precedence.done);
    void client.invalidateQueries({ queryKey: ["workouts"] });
    void client.invalidateQueries({ queryKey: ["workout"] });
  }, [ended, client]);
  const save = useMutation({
    mutationFn: async (order: Precedence["order"]) =>
      (await body(api.PUT("/api/v1/precedence", { body: { order } }))).data,
    onSuccess: (saved) => {
      client.setQueryData(KEY, saved);
      setJobId(saved.job_id);
      toast(t.precedence.saved);
    },
  });
  return { save, job };
}
