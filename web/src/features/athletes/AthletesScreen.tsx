"use client";
import type { Grant } from "@/features/access/calls";
import { useNames } from "@/features/access/names";
import { useGrants } from "@/features/access/queries";
import { plusDays, today } from "@/features/calendar/month";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded, RowsSkeleton } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { AthletesTable } from "./AthletesTable";
import { useKnown } from "./queries";
import { attention } from "./reading";

const a = t.athletes;
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
  const readable = grants.filter(({ permissions }) => permissions.includes(READ));
  const found = useKnown(
    readable.map(({ resource }) => resource.id),
    plusDays(monday, -7),
  );
  const nameOf = useNames();
  if (found.some(({ isPending }) => isPending)) return <RowsSkeleton rows={grants.length} />;
  const rows = grants.map((grant) => {
    const asked = found[readable.indexOf(grant)];
    const known = asked?.data;
    const reasons = asked ? known && attention(known, day, grant.expires_at) : [a.warnings.notShared];
    return {
      id: grant.resource.id,
      name: nameOf(grant.resource.id),
      known: known ?? null,
      reasons: reasons ?? [],
      retry: asked?.isError ? () => void asked.refetch() : null,
    };
  });
  rows.sort(
    (one, other) =>
      Number(other.reasons.length > 0) - Number(one.reasons.length > 0) || one.name.localeCompare(other.name),
  );
  return <AthletesTable rows={rows} monday={monday} />;
}
