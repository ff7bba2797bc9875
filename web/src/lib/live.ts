"use client";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { Job } from "./api";
import { presentSignal } from "./api/session";
import { changedBy, changing } from "./changes";

/**
 * One stream of server-sent events for the tab, open while somebody on the page wants it and the tab is looked at: a
 * browser has six connections to an origin for all its tabs. Whoever reads jobs asks now and then all the same, more
 * often while the stream is away; asking also renews the session, whose end ends the stream.
 */
const AGAIN_MS = 5_000;
const LONGEST_MS = 60_000;
/** Reasons to end that the next page will tell of; asking again at once would change nothing. */
const FINAL = new Set(["session_ended", "forbidden"]);

export const NOTICES = ["notices"];
export const UNREAD = ["unread-notices"];

let source: EventSource | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let refused = 0;
let wanted = 0;
let open = false;
/** Whether it was open before: what happened since then may have told nobody. */
let parted = false;
let client: QueryClient | null = null;
const listeners = new Set<() => void>();

function say(next: boolean): void {
  if (open === next) return;
  open = next;
  for (const listener of listeners) listener();
}

function take(event: MessageEvent<string>): void {
  const job = JSON.parse(event.data) as Job;
  client?.setQueryData(["job", job.id], { job, retryAfter_s: null });
  client && showChanged(client, job);
  if (!isOver(job)) return;
  for (const what of changedBy(job.kind)) void client?.invalidateQueries({ queryKey: [what] });
}

/** Asks anew for whatever is shown and may have changed unheard; what isn't shown is asked for when it is. */
function catchUp(): void {
  for (const what of ["job", "jobs", ...changing(), ...NOTICES])
    void client?.invalidateQueries({ queryKey: [what] });
}

/** How many notices wait now; whatever list of them is shown is asked for anew. */
function takeNotices(event: MessageEvent<string>): void {
  const { unread } = JSON.parse(event.data) as { unread: number };
  client?.setQueryData(UNREAD, unread);
  void client?.invalidateQueries({ queryKey: NOTICES });
}

function end(event: MessageEvent<string>): void {
  const { reason } = JSON.parse(event.data) as { reason: string };
  if (FINAL.has(reason)) disconnect();
  else again();
}

function connect(): void {
  clearTimeout(timer);
  if (source || wanted === 0 || document.visibilityState === "hidden") return;
  const leaving = presentSignal();
  if (leaving.aborted) {
    again();
    return;
  }
  leaving.addEventListener("abort", again, { once: true });
  source = new EventSource("/api/v1/live");
  source.addEventListener("open", () => {
    refused = 0;
    if (parted) catchUp();
    parted = true;
    say(true);
  });
  source.addEventListener("job", take);
  source.addEventListener("notices", takeNotices);
  source.addEventListener("end", end);
  source.addEventListener("error", () => {
    say(false);
    // Closed means refused: the browser would not try again by itself.
    if (source?.readyState === EventSource.CLOSED) again();
  });
}

function again(): void {
  disconnect();
  timer = setTimeout(connect, Math.min(LONGEST_MS, AGAIN_MS * 2 ** refused++));
}

function disconnect(): void {
  clearTimeout(timer);
  source?.close();
  source = null;
  say(false);
}

export const isOver = (job: Pick<Job, "state">) => !["queued", "running"].includes(job.state);

export const isLive = () => open;

const onVisibility = () => (document.visibilityState === "hidden" ? disconnect() : connect());

/** Follows the person's jobs and notices while `active`; whether news come by themselves just now. */
export function useLive(active: boolean): boolean {
  const own = useQueryClient();
  useEffect(() => {
    if (!active) return;
    client = own;
    if (wanted++ === 0) document.addEventListener("visibilitychange", onVisibility);
    connect();
    return () => {
      if (--wanted > 0) return;
      document.removeEventListener("visibilitychange", onVisibility);
      disconnect();
    };
  }, [active, own]);
  return useSyncExternalStore(
    subscribe,
    () => open,
    () => false,
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export type JobPages = { pages: { data: Job[]; page: { next: string | null } }[]; pageParams: unknown[] };

/** Every list of jobs that has been read shows the job as it is now. */
export function showChanged(client: QueryClient, job: Job): void {
  for (const [key, pages] of client.getQueriesData<JobPages>({ queryKey: ["jobs"] }))
    if (pages) client.setQueryData(key, replaced(pages, job, String(key[1] ?? "")));
}

/**
 * The pages with the job as it is now, or without it where they are of one `state` and it is in another. One that is
 * new stands where its id puts it, the newest first; one older than all of them belongs to a page not read yet.
 */
export function replaced(all: JobPages, job: Job, state: string): JobPages {
  const fits = state === "" || job.state === state;
  let placed = !fits || all.pages.some((page) => page.data.some(({ id }) => id === job.id));
  const pages = all.pages.map((page) => {
    const data = page.data.flatMap((row) => {
      if (row.id === job.id) return fits ? [job] : [];
      if (placed || row.id > job.id) return [row];
      placed = true;
      return [job, row];
    });
    return { ...page, data };
  });
  const last = pages.at(-1);
  if (!placed && last && !last.page.next) last.data.push(job);
  return { ...all, pages };
}
