"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Job } from "@/lib/api";
import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import { changedBy } from "@/lib/changes";
import { isOver, useJob } from "@/lib/job";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";

export type Holdings = components["schemas"]["HoldingsView"];
export type FileTarget = { kind: "file"; id: string; name: string };
export type Target = { kind: "upload"; id: string } | FileTarget;

const upload = (upload_id: string) => ({ params: { path: { upload_id } } });
const file = (file_id: string) => ({ params: { path: { file_id } } });

/** What would go. */
export const getHoldings = async ({ kind, id }: Target) =>
  (
    await body(
      kind === "upload"
        ? api.GET("/api/v1/uploads/{upload_id}/holdings", upload(id))
        : api.GET("/api/v1/files/{file_id}/holdings", file(id)),
    )
  ).data;

/** The job that deletes. */
export const startDeletion = async ({ kind, id }: Target) =>
  (
    await body(
      kind === "upload"
        ? api.DELETE("/api/v1/uploads/{upload_id}", upload(id))
        : api.DELETE("/api/v1/files/{file_id}", file(id)),
    )
  ).data.job_id;

export type Deletion = ReturnType<typeof useDeletion>;

/** An upload's deletion: asked for, under way (also where it began elsewhere, or before a reload), over. */
export function useDeletion(of: Job | null, onGone?: () => void) {
  const may = useMay()("fitness.uploads.write");
  const client = useQueryClient();
  const [asked, setAsked] = useState<Target | null>(null);
  const [started, setStarted] = useState<{ jobId: string; target: Target } | null>(null);
  const jobId = started?.jobId ?? of?.result?.deletion_job_id ?? null;
  const { job, error, ended } = useJob(jobId);
  const done = started !== null && ended;
  useEffect(() => {
    if (!ended || !jobId) return;
    for (const first of changedBy("fitness.delete_files"))
      void client.invalidateQueries({ queryKey: [first] });
    void client.invalidateQueries({ queryKey: ["job", of?.id] });
  }, [ended, jobId, client, of?.id]);
  useEffect(() => {
    if (!done || job?.state !== "succeeded") return;
    toast(started.target.kind === "upload" ? t.uploads.deleted : t.uploads.deletedFile(started.target.name));
    if (started.target.kind === "upload") onGone?.();
    setStarted(null);
  }, [done, job?.state, started, onGone]);
  const idle = jobId === null || ended || error !== null;
  return {
    job,
    /** Whether it goes on, or has ended in vain. */
    shown: !idle || job?.state === "failed",
    /** The upload, where it may be deleted now. */
    of: may && idle && of !== null && isOver(of) ? of : null,
    asked,
    ask: setAsked,
    leave: () => setAsked(null),
    begun: (target: Target, id: string) => {
      setStarted({ jobId: id, target });
      setAsked(null);
    },
  };
}
