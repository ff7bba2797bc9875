"use client";
import { deviceMoment } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { RowTable } from "@/ui/RowTable";
import type { JobState } from "./calls";
import { kindName, TONES } from "./naming";
import { useOrganizationJobs } from "./queries";

const j = t.jobs;

/** Whose jobs went how: who answers for an organization sees that something fails, not what it was about. */
export function OrganizationJobs({ state }: { state: JobState | "" }) {
  const found = useOrganizationJobs(state);
  return (
    <Loaded of={found} rows={5}>
      {(rows) =>
        rows.length === 0 ? (
          <Empty title={state ? j.noMatchTitle : j.emptyTitle} text={state ? j.noMatchText : j.emptyText} />
        ) : (
          <div className={found.isPlaceholderData ? "opacity-60" : undefined}>
            <RowTable
              label={j.list}
              rows={rows}
              keyOf={(row) => row.id}
              columns={[
                {
                  key: "job",
                  label: j.job,
                  value: (row) => <span className="font-medium">{kindName(row.kind)}</span>,
                },
                {
                  key: "state",
                  label: j.state,
                  value: (row) => (
                    <span className="flex flex-wrap items-center gap-2">
                      <Chip tone={TONES[row.state] ?? "plain"}>{j.states[row.state] ?? row.state}</Chip>
                      {row.error_code && (
                        <code className="font-mono text-xs text-muted">{row.error_code}</code>
                      )}
                    </span>
                  ),
                },
                { key: "person", label: j.person, value: (row) => row.person ?? j.nobody },
                {
                  key: "when",
                  label: j.when,
                  value: (row) => (
                    <span className="figures whitespace-nowrap text-muted">
                      {deviceMoment(row.created_at)}
                    </span>
                  ),
                },
              ]}
            />
            {found.hasNextPage && (
              <div className="mt-3">
                <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                  {t.common.more}
                </Button>
              </div>
            )}
          </div>
        )
      }
    </Loaded>
  );
}
