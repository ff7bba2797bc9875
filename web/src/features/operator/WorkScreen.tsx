"use client";
import type { ReactNode } from "react";
import { ago, deviceMoment } from "@/lib/format";
import * as t from "@/texts/en";
import { Chip } from "@/ui/Chip";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import { useSchedules, useWork } from "./queries";

const w = t.operatorWork;
type Work = NonNullable<ReturnType<typeof useWork>["data"]>;

/** Who works, what waits and since when, what runs, what happens by the clock. */
export function WorkScreen() {
  const work = useWork();
  return (
    <>
      <PageHeader title={w.title} lead={w.lead} />
      <div className="flex flex-col gap-8">
        <Loaded of={work} rows={5}>
          {(found) => (
            <>
              <Queues work={found} />
              <Workers work={found} />
              <UnderWay work={found} />
            </>
          )}
        </Loaded>
        <Schedules />
      </div>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-base font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Queues({ work }: { work: Work }) {
  return (
    <Section title={w.queues}>
      <div className="grid gap-3 sm:grid-cols-3">
        {Object.entries(w.queueNames).map(([queue, name]) => {
          const parts = work.queues.filter((depth) => depth.queue === queue);
          const due = parts.find((depth) => depth.state === "waiting");
          const rest = parts.filter((depth) => depth.state !== "waiting");
          return (
            <div key={queue} className="min-h-26 rounded-xl border border-line bg-surface p-4">
              <h3 className="text-xs text-muted">{name}</h3>
              <p className="figures text-2xl font-semibold">
                {(due?.jobs ?? 0).toLocaleString("en")}{" "}
                <span className="text-sm font-normal text-muted">{w.queueParts.waiting}</span>
              </p>
              <p className="figures mt-1 text-xs text-muted">
                {due?.oldest ? w.oldest(ago(due.oldest)) : w.nothingDue}
                {rest.map(
                  ({ state, jobs }) => ` · ${jobs.toLocaleString("en")} ${w.queueParts[state] ?? state}`,
                )}
              </p>
            </div>
          );
        })}
      </div>
    </Section>
  );
}

function Workers({ work }: { work: Work }) {
  return (
    <Section title={w.workers}>
      {!work.scheduler && (
        <p role="alert" className="mb-2 text-bad">
          {w.noScheduler}
        </p>
      )}
      {work.workers.length === 0 ? (
        <Empty title={w.noWorkers} text={w.noWorkersText} />
      ) : (
        <RowTable
          label={w.workers}
          rows={work.workers}
          keyOf={(row) => row.name}
          columns={[
            {
              key: "name",
              label: w.worker,
              value: (row) => <code className="font-mono text-sm break-all">{row.name}</code>,
            },
            {
              key: "processes",
              label: w.processes,
              named: true,
              value: (row) => <span className="figures">{row.processes}</span>,
            },
            { key: "queues", label: w.serves, value: (row) => row.queues.join(", ") },
            {
              key: "since",
              label: w.since,
              named: true,
              value: (row) => <span className="figures text-muted">{deviceMoment(row.started_at)}</span>,
            },
          ]}
        />
      )}
    </Section>
  );
}

function UnderWay({ work }: { work: Work }) {
  return (
    <Section title={w.underWay}>
      {work.under_way.length === 0 ? (
        <p className="text-muted">{w.nothingUnderWay}</p>
      ) : (
        <RowTable
          label={w.underWay}
          rows={work.under_way}
          keyOf={(row) => row.id}
          columns={[
            {
              key: "kind",
              label: w.kind,
              value: (row) => (
                <code className="font-mono text-sm">
                  {row.kind} {row.subject}
                </code>
              ),
            },
            {
              key: "organization",
              label: w.organization,
              value: (row) => <code className="font-mono text-xs break-all">{row.organization_id}</code>,
            },
            {
              key: "attempts",
              label: w.attempts,
              named: true,
              value: (row) => <span className="figures">{row.attempts}</span>,
            },
            {
              key: "since",
              label: w.since,
              named: true,
              value: (row) => (row.started_at ? ago(row.started_at) : null),
            },
          ]}
        />
      )}
    </Section>
  );
}

function Schedules() {
  const found = useSchedules();
  return (
    <Section title={w.schedules}>
      <Loaded of={found} rows={4}>
        {(rows) => (
          <RowTable
            label={w.schedules}
            rows={rows}
            keyOf={(row) => row.name}
            columns={[
              {
                key: "name",
                label: w.schedule,
                value: (row) => (
                  <span className="block min-w-0">
                    <code className="font-mono text-sm font-medium">{row.name}</code>
                    {row.kind && <span className="block text-xs text-muted">{w.forAll(row.kind)}</span>}
                  </span>
                ),
              },
              { key: "every", label: w.every, named: true, value: (row) => w.period(row.every_s) },
              {
                key: "outcome",
                label: w.outcome,
                value: (row) => <Outcome {...row} />,
              },
              {
                key: "last",
                label: w.last,
                named: true,
                value: (row) => (
                  <span className="figures whitespace-nowrap text-muted">
                    {row.started_at ? deviceMoment(row.started_at) : w.never}
                  </span>
                ),
              },
              {
                key: "next",
                label: w.next,
                named: true,
                value: (row) => (
                  <span className="figures whitespace-nowrap text-muted">
                    {deviceMoment(row.next_due_at)}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Section>
  );
}

function Outcome(run: { outcome: string | null; error_code: string | null; started_at: string | null }) {
  if (!run.started_at) return <Chip>{w.never}</Chip>;
  if (run.outcome === null) return <Chip tone="accent">{w.running}</Chip>;
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Chip tone={run.outcome === "done" ? "ok" : "bad"}>{w.outcomes[run.outcome]}</Chip>
      {run.error_code && <code className="font-mono text-xs text-muted">{run.error_code}</code>}
    </span>
  );
}
