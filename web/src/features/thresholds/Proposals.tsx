"use client";
import { dateName } from "@/features/load/dates";
import { Link } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { acceptProposal, type Proposal } from "./calls";
import { decline, takeBack, useOpen } from "./declined";
import { nameOf, shownValue } from "./kinds";
import { useChange } from "./queries";

const h = t.thresholds;

/** What the data say of one's thresholds; in force only once accepted. Absent while they say nothing new. */
export function Proposals({ proposals }: { proposals: readonly Proposal[] }) {
  const open = useOpen(proposals);
  const mayChange = useMay()("fitness.workouts.write");
  const accept = useChange(acceptProposal, ({ kind }) => [h.saved(nameOf(kind)), h.savedText]);
  if (open.length === 0 || !mayChange) return null;
  return (
    <div id="proposals">
      <Card title={h.proposals} lead={h.proposalsLead} flush>
        {accept.error && (
          <div className="px-5 pb-3">
            <ProblemNotice error={accept.error} />
          </div>
        )}
        <ul className="divide-y divide-line border-t border-line">
          {open.map((proposal) => (
            <Row
              key={proposal.kind}
              proposal={proposal}
              busy={accept.isPending && accept.variables.kind === proposal.kind}
              onAccept={() => accept.mutate(proposal)}
            />
          ))}
        </ul>
      </Card>
    </div>
  );
}

type RowProps = { proposal: Proposal; busy: boolean; onAccept(): void };

function Row({ proposal, busy, onAccept }: RowProps) {
  const { units } = usePreferences();
  const { kind, value, valid_from, in_force, method, workout_id } = proposal;
  const name = nameOf(kind);
  const onDecline = () => {
    decline(proposal);
    toast(h.declined, { onAction: () => takeBack(proposal) });
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="figures">
          <span className="font-medium">{name}: </span>
          {h.proposed(shownValue(kind, value, units), dateName(valid_from))}
          {in_force !== null && (
            <span className="text-muted">, {h.instead(shownValue(kind, in_force, units))}</span>
          )}
        </p>
        <p className="text-muted first-letter:uppercase">
          {method}
          {workout_id && (
            <>
              {". "}
              <Link
                href={`/workouts/${workout_id}`}
                aria-label={h.effortOf(name)}
                className="text-accent underline underline-offset-2"
              >
                {h.effort}
              </Link>
            </>
          )}
        </p>
      </div>
      <Button look="quiet" aria-label={h.declineOf(name)} onClick={onDecline}>
        {h.decline}
      </Button>
      <Button look="primary" aria-label={h.acceptOf(name)} busy={busy} onClick={onAccept}>
        {h.accept}
      </Button>
    </li>
  );
}
