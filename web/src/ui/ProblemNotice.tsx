"use client";
import { useEffect, useEffectEvent, useState } from "react";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button } from "./Button";

const UNEXPLAINED = new Set(["not_found", "unreadable"]);

/** A failure in words: what it is, and what to do or what is safe. `wait`: the seconds of `useCountdown`. */
export function said(error: unknown, wait: number): { title: string; text: string } {
  const p = t.problems;
  if (!isProblem(error)) return { title: p.serverTitle, text: p.serverText };
  if (error.status === 0) return { title: p.offlineTitle, text: p.offlineText };
  if (error.status === 429) return { title: p.tooManyTitle, text: p.tooManyText(wait) };
  if (error.code === "step_up_required") return { title: p.unprovedTitle, text: p.unprovedText };
  if (error.code === "read_only") return { title: p.readOnlyTitle, text: p.readOnlyText };
  if (error.code === "forbidden") return { title: p.forbiddenTitle, text: p.forbiddenText };
  if (error.status === 404 && UNEXPLAINED.has(error.code)) return { title: p.goneTitle, text: p.goneText };
  if (error.status >= 500) return { title: p.serverTitle, text: p.serverText };
  return { title: error.message, text: error.detail ?? "" };
}

/** What failed, what is safe, a way to try again, and the request's id to quote. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?(): void }) {
  const wait = useCountdown(error, onRetry);
  const { title, text } = said(error, wait);
  const requestId = isProblem(error) ? error.requestId : null;
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-2 rounded-xl border border-bad/35 bg-bad-soft p-4 text-sm"
    >
      <p className="font-semibold text-bad">{title}</p>
      {text && <p>{text}</p>}
      {(onRetry || requestId) && (
        <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-2">
          {onRetry && (
            <Button onClick={onRetry} disabled={wait > 0}>
              {t.common.retry}
            </Button>
          )}
          {requestId && (
            <span className="text-xs text-muted">
              {t.problems.requestId} <code className="font-mono select-all">{requestId}</code>
            </span>
          )}
        </div>
      )}
    </div>
  );
}

/** Whole seconds until the API may be called again, at whose end `retry` is done: who waits needs no hand for it. */
export function useCountdown(error: unknown, retry?: () => void): number {
  const wait_s = isProblem(error) ? (error.retryAfter_s ?? 0) : 0;
  const [left, setLeft] = useState(0);
  const over = useEffectEvent(() => retry?.());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new error with the same wait starts anew
  useEffect(() => {
    const until = Date.now() + wait_s * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    if (wait_s <= 0) return;
    const ticking = setInterval(tick, 500);
    const waiting = setTimeout(over, wait_s * 1000);
    return () => {
      clearInterval(ticking);
      clearTimeout(waiting);
    };
  }, [error, wait_s]);
  return left;
}
