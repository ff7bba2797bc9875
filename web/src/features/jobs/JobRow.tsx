"use client";
import type { Job } from "@/lib/api";
import { ago } from "@/lib/format";
import { isOver, share } from "@/lib/job";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Progress } from "@/ui/Progress";
import { kindName, TONES } from "./naming";
import { useJobAction } from "./queries";

const j = t.jobs;
const figure = (n: number) => n.toLocaleString("en");

/** One job: how far it is, or what went wrong and what can be done. */
export function JobRow({ job }: { job: Job }) {
  const cancel = useJobAction("cancel");
  const retry = useJobAction("retry");
  const name = kindName(job.kind);
  const leads = j.open[job.kind];
  const problem = cancel.error ?? retry.error;
  return (
    <li className="flex flex-col gap-2 px-4 py-3.5 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <h2 className="text-sm font-medium">{name}</h2>
        <StateChip job={job} />
        <time dateTime={job.created_at} className="text-xs text-muted">
          {ago(job.created_at)}
        </time>
        <span className="flex items-center gap-2 sm:ml-auto">
          {leads && (
            <Link href={leads[0]} className="text-sm text-accent hover:underline">
              {leads[1]}
            </Link>
          )}
          {!isOver(job) && !job.cancel_requested && (
            <Button
              look="quiet"
              aria-label={j.cancelOf(name)}
              busy={cancel.isPending}
              onClick={() => cancel.mutate(job)}
            >
              {j.cancel}
            </Button>
          )}
          {job.retriable && (
            <Button aria-label={j.retryOf(name)} busy={retry.isPending} onClick={() => retry.mutate(job)}>
              {j.retry}
            </Button>
          )}
        </span>
      </div>
      {!isOver(job) && (
        <div className="flex items-center gap-3">
          <div className="min-w-0 flex-1">
            <Progress label={j.progressOf(name)} value={share(job)} />
          </div>
          {job.total !== null && (
            <span className="figures text-xs text-muted">{j.of(figure(job.done), figure(job.total))}</span>
          )}
        </div>
      )}
      {job.error && (
        <p className="text-sm">
          <span className="sr-only">{j.failure}: </span>
          {job.error.detail} {job.done > 0 && <span className="text-muted">{j.kept}</span>}{" "}
          <code className="font-mono text-xs text-muted">{job.error.code}</code>
        </p>
      )}
      {problem && <ProblemNotice error={problem} />}
    </li>
  );
}

function StateChip({ job }: { job: Job }) {
  if (job.cancel_requested && !isOver(job)) return <Chip tone="warn">{j.stopping}</Chip>;
  if (job.state === "queued" && job.attempts > 0) return <Chip tone="warn">{j.again}</Chip>;
  return <Chip tone={TONES[job.state] ?? "plain"}>{j.states[job.state] ?? job.state}</Chip>;
}
