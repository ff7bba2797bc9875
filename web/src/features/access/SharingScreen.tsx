"use client";
import { Share2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { deviceDay, words } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import type { Grant } from "./calls";
import { useNames } from "./names";
import { useGrants } from "./queries";

const ShareDialog = lazy(() => import("./ShareDialog"));
const EndGrant = lazy(() => import("./EndGrant"));
const s = t.access.sharing;

/** Who may see what is one's own, until when; and what others let one see. */
export function SharingScreen() {
  const me = useMe();
  const grants = useGrants();
  const may = useMay();
  const [sharing, setSharing] = useState(false);
  const [ending, setEnding] = useState<Grant | null>(null);
  const nameOf = useNames();
  const account = me.data?.account.id;
  const writes = may("kernel.grants.write");
  const end = writes ? setEnding : undefined;
  return (
    <>
      <PageHeader title={s.title} lead={s.lead}>
        {writes && (
          <Button look="primary" onClick={() => setSharing(true)}>
            <Share2 size={16} aria-hidden />
            {s.share}
          </Button>
        )}
      </PageHeader>
      <Loaded of={grants}>
        {(rows) => {
          const given = rows.filter((grant) => grant.granted_by === account);
          const taken = rows.filter((grant) => grant.account_id === account);
          return (
            <div className="flex flex-col gap-8">
              <section>
                <h2 className="mb-3 text-base font-semibold">{s.given}</h2>
                {given.length === 0 ? (
                  <Empty title={s.emptyTitle} text={s.emptyText} />
                ) : (
                  <Table
                    label={s.given}
                    rows={given}
                    nameOf={(grant) => nameOf(grant.account_id)}
                    onEnd={end}
                  />
                )}
              </section>
              <section>
                <h2 className="mb-3 text-base font-semibold">{s.taken}</h2>
                {taken.length === 0 ? (
                  <p className="text-muted">{s.takenEmpty}</p>
                ) : (
                  <Table
                    taken
                    label={s.taken}
                    rows={taken}
                    nameOf={(grant) => nameOf(grant.granted_by)}
                    onEnd={end}
                  />
                )}
              </section>
              {grants.hasNextPage && (
                <Button busy={grants.isFetchingNextPage} onClick={() => void grants.fetchNextPage()}>
                  {t.common.more}
                </Button>
              )}
            </div>
          );
        }}
      </Loaded>
      <Suspense>
        {sharing && <ShareDialog onClose={() => setSharing(false)} />}
        {ending && (
          <EndGrant
            grant={ending}
            own={ending.granted_by === account}
            name={nameOf(ending.granted_by === account ? ending.account_id : ending.granted_by)}
            onClose={() => setEnding(null)}
          />
        )}
      </Suspense>
    </>
  );
}

type TableProps = {
  label: string;
  taken?: boolean;
  rows: Grant[];
  nameOf(grant: Grant): string;
  onEnd?(grant: Grant): void;
};

function Table({ label, taken = false, rows, nameOf, onEnd }: TableProps) {
  return (
    <RowTable
      label={label}
      rows={rows}
      keyOf={(grant) => grant.id}
      columns={[
        {
          key: "who",
          label: taken ? s.from : s.person,
          value: (grant) => <span className="block truncate font-medium">{nameOf(grant)}</span>,
        },
        {
          key: "what",
          label: s.what,
          value: (grant) => grant.permissions.map((one) => s.permissions[one] ?? words(one)).join(", "),
        },
        {
          key: "until",
          label: s.until,
          named: true,
          value: (grant) => {
            if (grant.expires_at) return deviceDay(grant.expires_at);
            return taken ? s.theyEnd : s.forever;
          },
        },
      ]}
      actions={
        onEnd && {
          label: t.organization.members.actionsColumn,
          of: (grant) => (
            <Button aria-label={`${taken ? s.giveUp : s.end} ${nameOf(grant)}`} onClick={() => onEnd(grant)}>
              {taken ? s.giveUp : s.end}
            </Button>
          ),
        }
      }
    />
  );
}
