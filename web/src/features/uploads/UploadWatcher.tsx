"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { isOver, useJob } from "@/lib/job";
import { useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";
import { uploadsKey } from "./queries";
import { type Batch, finishBatch, useBatches } from "./store";
import { tally } from "./tally";

/** Follows the uploads of this visit on every page and says when one is through. */
export function UploadWatcher() {
  const batches = useBatches();
  const sending = batches.some((batch) => batch.state === "sending" || batch.state === "waiting");
  useEffect(() => {
    if (!sending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [sending]);
  return batches
    .filter((batch) => batch.jobId && !batch.finished)
    .map((batch) => <Watch key={batch.id} batch={batch} />);
}

function Watch({ batch }: { batch: Batch }) {
  const { job } = useJob(batch.jobId);
  const client = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => {
    if (!job || !isOver(job)) return;
    finishBatch(batch.id);
    for (const queryKey of [["workouts"], ["matches"], uploadsKey])
      void client.invalidateQueries({ queryKey });
    const counts = tally(job.result?.files ?? []);
    const elsewhere = window.location.pathname !== "/uploads";
    toast(t.uploads.announceDone(counts.imported + counts.partial, counts.refused), {
      ...(elsewhere && { action: t.shell.uploads, onAction: () => navigate.to("/uploads") }),
    });
  }, [job, batch.id, client, navigate]);
  return null;
}
