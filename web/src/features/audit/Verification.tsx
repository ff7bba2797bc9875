"use client";
import { useQueryClient } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck, ShieldQuestion } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction } from "@/lib/action";
import { ago } from "@/lib/format";
import { useJob } from "@/lib/job";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { startVerification } from "./calls";
import { useAuditState } from "./queries";

const s = t.audit.state;

/** Whether the chain was whole when it was last recomputed, and a way to have that done now. */
export function Verification() {
  const state = useAuditState();
  const client = useQueryClient();
  const [jobId, setJobId] = useState<string | null>(null);
  const start = useAction(startVerification, { onSuccess: setJobId });
  const { job, ended } = useJob(jobId);
  const busy = start.pending || (jobId !== null && !ended);
  useEffect(() => {
    if (ended) void client.invalidateQueries({ queryKey: ["audit-state"] });
  }, [ended, client]);
  if (state.error && !state.data)
    return (
      <div className="mb-4">
        <ProblemNotice error={state.error} onRetry={() => void state.refetch()} />
      </div>
    );
  const found = state.data;
  const failed = start.error !== null || (ended && job?.state !== "succeeded");
  const Icon = found?.ok === false ? ShieldAlert : found?.ok ? ShieldCheck : ShieldQuestion;
  const colour = found?.ok === false ? "text-bad" : found?.ok ? "text-ok" : "text-muted";
  return (
    <section
      aria-label={s.title}
      className="mb-4 flex min-h-18 flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border border-line bg-surface px-5 py-3"
    >
      <Icon size={22} aria-hidden className={`shrink-0 ${colour}`} />
      <div role="status" className="min-w-0 flex-1 basis-64">
        {found ? (
          <>
            <p className={found.ok === false ? "font-semibold text-bad" : "font-medium"}>{sentence(found)}</p>
            <p className="text-xs text-muted">{found.problem ?? s.how}</p>
          </>
        ) : (
          <span className="skeleton block h-4 w-64 max-w-full" />
        )}
        {failed && !busy && <p className="text-bad">{s.failed}</p>}
      </div>
      <Button busy={busy} onClick={() => void start.start(undefined)}>
        {busy ? s.verifying : s.verify}
      </Button>
    </section>
  );
}

function sentence(found: { entries: number; ok: boolean | null; verified_at: string | null }): string {
  if (found.ok === false) return s.broken;
  if (found.ok && found.verified_at) return s.whole(found.entries, ago(found.verified_at));
  return s.never(found.entries);
}
