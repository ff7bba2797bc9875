"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deviceMoment } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import { toast } from "@/ui/toast";
import { type DeadLetterKind, settleDead, type Verb } from "./calls";
import { useDeadKinds, useOperator } from "./queries";
import { ReasonForm } from "./ReasonForm";

const w = t.operatorWork;
const named = (row: DeadLetterKind) => (row.subject ? `${row.kind} ${row.subject}` : row.kind);

/** What has failed for good, alike with alike, to be tried again or discarded with a reason. */
export function DeadLettersScreen() {
  const found = useDeadKinds();
  const operator = useOperator();
  const may = operator.data?.permissions.includes("platform.jobs.write");
  const [asked, setAsked] = useState<{ row: DeadLetterKind; verb: Verb } | null>(null);
  return (
    <>
      <PageHeader title={w.deadTitle} lead={may ? w.deadLead : `${w.deadLead} ${w.mayNot}`} />
      <Loaded of={found} rows={5}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={w.none} text={w.noneText} />
          ) : (
            <RowTable
              label={w.deadKinds}
              rows={rows}
              keyOf={(row) => `${row.kind} ${row.subject} ${row.error_code}`}
              columns={[
                {
                  key: "kind",
                  label: w.kind,
                  value: (row) => (
                    <span className="block min-w-0">
                      <code className="font-mono text-sm font-medium">{row.kind}</code>
                      {row.subject && (
                        <code className="block truncate font-mono text-xs text-muted">{row.subject}</code>
                      )}
                    </span>
                  ),
                },
                {
                  key: "code",
                  label: w.code,
                  value: (row) => <code className="font-mono text-xs">{row.error_code}</code>,
                },
                {
                  key: "number",
                  label: w.number,
                  named: true,
                  value: (row) => <span className="figures">{row.count.toLocaleString("en")}</span>,
                },
                {
                  key: "organizations",
                  label: w.organizations,
                  named: true,
                  value: (row) => <span className="figures">{row.organizations.toLocaleString("en")}</span>,
                },
                {
                  key: "newest",
                  label: w.newest,
                  named: true,
                  value: (row) => (
                    <span className="figures whitespace-nowrap text-muted">{deviceMoment(row.newest)}</span>
                  ),
                },
              ]}
              {...(may && {
                actions: {
                  label: t.jobs.actions,
                  of: (row: DeadLetterKind) => (
                    <span className="flex justify-end gap-1 max-md:flex-col">
                      <Button
                        aria-label={w.replayOf(named(row))}
                        onClick={() => setAsked({ row, verb: "replayed" })}
                      >
                        {w.replay}
                      </Button>
                      <Button
                        look="quiet"
                        aria-label={w.discardOf(named(row))}
                        onClick={() => setAsked({ row, verb: "discarded" })}
                      >
                        {w.discard}
                      </Button>
                    </span>
                  ),
                },
              })}
            />
          )
        }
      </Loaded>
      {asked && <SettleDialog {...asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function SettleDialog({ row, verb, onClose }: { row: DeadLetterKind; verb: Verb; onClose(): void }) {
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: (reason: string) => settleDead(row, verb, reason),
    onSuccess: ({ changed, skipped, more }) => {
      void client.invalidateQueries({ queryKey: ["dead-letters"] });
      toast(skipped > 0 ? w.skipped(skipped) : w.done(changed, verb, more));
      onClose();
    },
  });
  const again = verb === "replayed";
  return (
    <ReasonForm
      title={again ? w.replayTitle(row.count) : w.discardTitle(row.count)}
      text={again ? w.replayText : w.discardText}
      action={again ? w.replayAction : w.discardAction}
      danger={!again}
      busy={run.isPending}
      hint={w.reasonHint}
      error={run.error}
      onSubmit={(reason) => run.mutate(reason)}
      onClose={onClose}
    />
  );
}
