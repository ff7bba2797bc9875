"use client";
import { useSyncExternalStore } from "react";
import { ApiProblem, uploadFiles } from "@/lib/api";

/**
 * Files on their way to the server. One batch is sent at a time; once the server has it, its job is the truth,
 * and a reload finds the job again in the list of uploads.
 */
export type Batch = {
  id: string;
  files: readonly File[];
  total: number;
  sent: number;
  state: "waiting" | "sending" | "handed" | "failed" | "stopped";
  jobId: string | null;
  finished: boolean;
  error: unknown;
};

const MOST_FILES = 100;
const MOST_BYTES = 256e6;

let batches: readonly Batch[] = [];
let serial = 0;
let current: AbortController | null = null;
const listeners = new Set<() => void>();

function publish(next: readonly Batch[]): void {
  batches = next;
  for (const listener of listeners) listener();
}

function change(id: string, part: Partial<Batch>): void {
  publish(batches.map((batch) => (batch.id === id ? { ...batch, ...part } : batch)));
}

/** Groups files so that reading starts early and a failure repeats little: at most 100 files or 256 MB each. */
export function grouped<T extends { size: number }>(files: readonly T[]): T[][] {
  const groups: T[][] = [];
  let bytes = 0;
  for (const file of files) {
    const open = groups.at(-1);
    if (open && open.length < MOST_FILES && bytes + file.size <= MOST_BYTES) {
      open.push(file);
      bytes += file.size;
    } else {
      groups.push([file]);
      bytes = file.size;
    }
  }
  return groups;
}

export function addFiles(files: readonly File[]): void {
  const added = grouped(files).map(
    (group): Batch => ({
      id: `batch-${++serial}`,
      files: group,
      total: group.reduce((sum, file) => sum + file.size, 0),
      sent: 0,
      state: "waiting",
      jobId: null,
      finished: false,
      error: null,
    }),
  );
  publish([...added, ...batches]);
  void sendNext();
}

async function sendNext(): Promise<void> {
  const next = batches.findLast((batch) => batch.state === "waiting");
  if (current || !next) return;
  current = new AbortController();
  change(next.id, { state: "sending" });
  try {
    const jobId = await uploadFiles(next.files, (sent) => change(next.id, { sent }), current.signal);
    change(next.id, { state: "handed", jobId, sent: next.total });
  } catch (error) {
    const stopped = error instanceof DOMException && error.name === "AbortError";
    change(next.id, { state: stopped ? "stopped" : "failed", error, finished: true });
    if (!stopped && !(error instanceof ApiProblem)) throw error;
  } finally {
    current = null;
    void sendNext();
  }
}

export function stopBatch(id: string): void {
  const batch = batches.find((candidate) => candidate.id === id);
  if (batch?.state === "sending") current?.abort();
  else if (batch?.state === "waiting") change(id, { state: "stopped", finished: true });
}

/** Sends some files of a batch again as a new one; a batch that never arrived is replaced by it. */
export function retryFiles(batch: Batch, names: ReadonlySet<string> | null): void {
  if (batch.state === "failed" || batch.state === "stopped")
    publish(batches.filter(({ id }) => id !== batch.id));
  addFiles(batch.files.filter((file) => names === null || names.has(file.name)));
}

/** Lets go of a batch that the server has no more. */
export const dropBatch = (id: string) => publish(batches.filter((batch) => batch.id !== id));

export const finishBatch = (id: string) => change(id, { finished: true });

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const EMPTY: readonly Batch[] = [];
export const useBatches = () =>
  useSyncExternalStore(
    subscribe,
    () => batches,
    () => EMPTY,
  );
export const useBusyUploads = () => useBatches().filter((batch) => !batch.finished).length;

/** Bytes of the file at `index` that have left: a request sends its files one after the other. */
export function sentOf(batch: Pick<Batch, "files" | "sent">, index: number): number {
  const before = batch.files.slice(0, index).reduce((sum, file) => sum + file.size, 0);
  return Math.max(0, Math.min(batch.files[index]?.size ?? 0, batch.sent - before));
}
