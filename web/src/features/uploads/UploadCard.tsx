"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { cancelJob, type FileResult, type Job } from "@/lib/api";
import { ago, bytes } from "@/lib/format";
import { isOver, useJob } from "@/lib/job";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { AskedToDelete, DeleteButton, Deleting } from "./Deleting";
import { useDeletion } from "./deletion";
import { FileRows, type Row } from "./FileRows";
import { Step } from "./Step";
import { type Batch, dropBatch, retryFiles, sentOf, stopBatch } from "./store";
import { STATES, tally } from "./tally";

const TONES = { imported: "ok", duplicate: "plain", partial: "warn", refused: "bad" } as const;

/** An upload of this visit: bytes on their way, then what the job says. */
export function BatchCard({ batch }: { batch: Batch }) {
  const { job } = useJob(batch.jobId);
  const deletion = useDeletion(job, () => dropBatch(batch.id));
  const results = job?.result?.files ?? [];
  const refused = results.filter((file) => file.state === "refused").map((file) => file.name);
  const retryable = batch.files.filter((file) => refused.includes(file.name)).length;
  const there = batch.files.filter((file) => resultsOf(file, results).length > 0).length;
  const lost = batch.state === "failed" || batch.state === "stopped";
  return (
    <Frame
      title={t.uploads.batch(job?.state === "succeeded" ? there : batch.files.length)}
      aside={bytes(batch.total)}
      results={results}
      action={<DeleteButton deletion={deletion} />}
    >
      {(batch.state === "sending" || batch.state === "waiting") && <Sending batch={batch} />}
      {/* One step always: what comes and goes would move everything below. */}
      {batch.state === "handed" && !job && <Step text={t.uploads.queued} value={null} />}
      {job && (deletion.shown ? <Deleting deletion={deletion} /> : <Reading job={job} keeps />)}
      {batch.state === "failed" && (
        <ProblemNotice error={batch.error} onRetry={() => retryFiles(batch, null)} />
      )}
      {batch.state === "stopped" && <Button onClick={() => retryFiles(batch, null)}>{t.common.retry}</Button>}
      {!lost && (
        <FileRows
          rows={batchRows(batch, results, job ?? undefined)}
          onRetry={(name) => retryFiles(batch, new Set([name]))}
          onDelete={deletion.of ? deletion.ask : undefined}
        />
      )}
      {retryable > 1 && (
        <Button onClick={() => retryFiles(batch, new Set(refused))}>
          {t.uploads.retryFailed(retryable)}
        </Button>
      )}
      <AskedToDelete deletion={deletion} />
    </Frame>
  );
}

/** An upload that the server remembers, from before a reload or from another device. */
export function JobCard({ known }: { known: Job }) {
  const followed = useJob(known.id, known).job;
  // Once it is over the list is newer: a file of it may have been deleted.
  const job = isOver(known) ? known : (followed ?? known);
  const deletion = useDeletion(job);
  const results = job.result?.files ?? [];
  const rows = results.map((result): Row => ({ name: result.name, result }));
  return (
    <Frame
      title={t.uploads.batch(job.total ?? results.length)}
      aside={ago(job.created_at)}
      results={results}
      action={<DeleteButton deletion={deletion} />}
    >
      {deletion.shown ? <Deleting deletion={deletion} /> : <Reading job={job} />}
      <FileRows rows={rows} folded={isOver(job)} onDelete={deletion.of ? deletion.ask : undefined} />
      <AskedToDelete deletion={deletion} />
    </Frame>
  );
}

type FrameProps = {
  title: string;
  aside: string;
  results: readonly FileResult[];
  action: ReactNode;
  children: ReactNode;
};

function Frame({ title, aside, results, action, children }: FrameProps) {
  const counts = tally(results);
  return (
    <article className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4 sm:px-5">
      <header className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1.5">
        <h3 className="font-medium">{title}</h3>
        <span className="text-muted">{aside}</span>
        <span className="flex flex-wrap gap-1.5 sm:ml-auto">
          {STATES.filter((state) => counts[state] > 0).map((state) => (
            <Chip key={state} tone={TONES[state]}>
              <span className="figures">{counts[state]}</span> {t.uploads.summary[state]}
            </Chip>
          ))}
        </span>
        <span className="-my-1.5 ml-auto empty:hidden sm:-mr-3 sm:ml-0">{action}</span>
      </header>
      {children}
    </article>
  );
}

function Sending({ batch }: { batch: Batch }) {
  const waiting = batch.state === "waiting";
  const text = waiting
    ? t.uploads.waitingToSend
    : t.uploads.sending(bytes(Math.min(batch.sent, batch.total)), bytes(batch.total));
  return (
    <Step text={text} value={waiting ? 0 : Math.min(1, batch.sent / Math.max(1, batch.total))}>
      <Button onClick={() => stopBatch(batch.id)}>{t.uploads.stop}</Button>
    </Step>
  );
}

function Reading({ job, keeps = false }: { job: Job; keeps?: boolean }) {
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSettled: () => client.invalidateQueries({ queryKey: ["job", job.id] }),
  });
  if (job.state === "failed")
    return (
      <p role="alert" className="text-sm text-bad">
        {job.error?.detail ?? t.uploads.jobFailed}
      </p>
    );
  if (job.state === "cancelled") return <p className="text-sm text-muted">{t.uploads.stopped}</p>;
  if (isOver(job)) return keeps ? <Step text={t.uploads.readingOf(job.done, job.total)} value={1} /> : null;
  const text = job.state === "queued" ? t.uploads.queued : t.uploads.readingOf(job.done, job.total);
  return (
    <Step text={text} value={job.total ? job.done / job.total : null}>
      <Button busy={stop.isPending} onClick={() => stop.mutate()}>
        {t.uploads.stop}
      </Button>
    </Step>
  );
}

/** The batch's own files with their results, an archive's members in place of the archive; what was deleted is gone. */
function batchRows(batch: Batch, results: readonly FileResult[], job: Job | undefined): Row[] {
  const sending = batch.state === "sending" || batch.state === "waiting";
  return batch.files.flatMap((file, index): Row[] => {
    const own = resultsOf(file, results);
    if (own.length > 0 || job?.state === "succeeded")
      return own.map((result) => ({ name: result.name, result, retryable: result.name === file.name }));
    if (sending) return [{ name: file.name, size: file.size, sent: sentOf(batch, index) }];
    return [
      { name: file.name, size: file.size, pending: job && isOver(job) ? undefined : t.uploads.reading },
    ];
  });
}

const resultsOf = (file: File, results: readonly FileResult[]) =>
  results.filter(({ name }) => name === file.name || name.startsWith(`${file.name}/`));
