"use client";
import { Radio } from "lucide-react";
import { useQueryState } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { Select } from "@/ui/Select";
import type { JobState } from "./calls";
import { JobRow } from "./JobRow";
import { OrganizationJobs } from "./OrganizationJobs";
import { useJobs } from "./queries";

const j = t.jobs;

/** One's own jobs, and those of everybody for who may see them; what is shown stands in the address. */
export function JobsScreen() {
  const [address, setAddress] = useQueryState();
  const may = useMay();
  const everybodys = may("kernel.organization_jobs.read") && address.of === "everyone";
  const state = address.state && address.state in j.states ? (address.state as JobState) : "";
  return (
    <>
      <PageHeader title={j.title} lead={everybodys ? j.everybodysLead : j.lead} />
      <div className="mb-4 flex flex-wrap items-center gap-2">
        {may("kernel.organization_jobs.read") && (
          <fieldset className="flex gap-1">
            <legend className="sr-only">{j.tabs}</legend>
            {(["", "everyone"] as const).map((of) => (
              <Button
                key={of}
                look={everybodys === (of === "everyone") ? "secondary" : "quiet"}
                aria-pressed={everybodys === (of === "everyone")}
                onClick={() => setAddress({ of })}
              >
                {of ? j.everybodys : j.mine}
              </Button>
            ))}
          </fieldset>
        )}
        <Select
          label={j.state}
          hideLabel
          className="w-40"
          value={state}
          options={[["", j.anyState], ...Object.entries(j.states)]}
          onChange={(event) => setAddress({ state: event.target.value })}
        />
      </div>
      {everybodys ? (
        <OrganizationJobs state={state} />
      ) : (
        <OwnJobs state={state} onAll={() => setAddress({ state: "" })} />
      )}
    </>
  );
}

function OwnJobs({ state, onAll }: { state: JobState | ""; onAll(): void }) {
  const found = useJobs(state);
  return (
    <Loaded of={found} rows={5}>
      {(jobs) => {
        const shown = state ? jobs.filter((job) => job.state === state) : jobs;
        if (shown.length === 0 && state)
          return (
            <Empty title={j.noMatchTitle} text={j.noMatchText}>
              <Button onClick={onAll}>{j.showAll}</Button>
            </Empty>
          );
        if (shown.length === 0)
          return (
            <Empty title={j.emptyTitle} text={j.emptyText}>
              <LinkButton href="/uploads">{j.upload}</LinkButton>
            </Empty>
          );
        return (
          <div className={found.isPlaceholderData ? "opacity-60" : undefined}>
            <p className="mb-2 flex items-center gap-1.5 text-xs text-muted">
              {found.live && <Radio size={14} aria-hidden className="text-ok" />}
              {found.live ? j.live : j.polling}
            </p>
            <ul aria-label={j.list} className="divide-y divide-line rounded-xl border border-line bg-surface">
              {shown.map((job) => (
                <JobRow key={job.id} job={job} />
              ))}
            </ul>
            {found.hasNextPage && (
              <div className="mt-3">
                <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                  {t.common.more}
                </Button>
              </div>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
