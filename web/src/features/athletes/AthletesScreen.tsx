"use client";
import type { Grant } from "@/features/access/calls";
import { useNames } from "@/features/access/names";
import { useGrants } from "@/features/access/queries";
import { plusDays, today } from "@/features/calendar/month";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { AthletesTable } from "./AthletesTable";
import { useKnown } from "./queries";
import { attention, type Known } from "./reading";

const a = t.athletes;
const NOTHING: Known = { last: null, days: [], without: 0 };
const READ = "fitness.workouts.read";

const mondayOf = (day: string) => plusDays(day, -((new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7));

/** Whoever shares their training: how each stands, and whom to look at first. */
export function AthletesScreen() {
  const me = useMe();
  const grants = useGrants();
  const account = me.data?.account.id;
  return (
    <>
      <PageHeader title={a.title} lead={a.lead} />
      <Loaded of={{ ...grants, data: account ? grants.data : undefined }}>
        {(rows) => {
          const taken = rows.filter(
            ({ account_id, resource }) => account_id === account && resource.kind === "fitness.athlete",
          );
          if (taken.length === 0 && !grants.hasNextPage)
            return (
              <Empty title={a.emptyTitle} text={a.emptyText}>
                <LinkButton href="/settings/sharing">{a.toSharing}</LinkButton>
              </Empty>
            );
          return (
            <div className="flex flex-col gap-4">
              <Roster grants={taken} />
              {grants.hasNextPage && (
                <Button
                  className="self-start"
                  busy={grants.isFetchingNextPage}
                  onClick={() => void grants.fetchNextPage()}
                >
                  {t.common.more}
                </Button>
              )}
            </div>
          );
        }}
      </Loaded>
    </>
  );
}

/** In one order from the beginning: who needs a look before the others, then by name. */
function Roster({ grants }: { grants: readonly Grant[] }) {
  const day = today();
  const monday = mondayOf(day);
  const found = useKnown(plusDays(monday, -7));
  const nameOf = useNames();
  return (
    <Loaded of={found} rows={grants.length}>
      {(athletes) => {
        const rows = grants.map(({ resource: { id }, permissions, expires_at }) => {
          const known = permissions.includes(READ) ? (athletes.get(id) ?? NOTHING) : null;
          const reasons = known ? attention(known, day, expires_at) : [a.warnings.notShared];
          return { id, name: nameOf(id), known, reasons };
        });
        rows.sort(
          (one, other) =>
            Number(other.reasons.length > 0) - Number(one.reasons.length > 0) ||
            one.name.localeCompare(other.name),
        );
        return <AthletesTable rows={rows} monday={monday} />;
      }}
    </Loaded>
  );
}
