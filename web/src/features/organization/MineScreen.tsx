"use client";
import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useRoleTitle } from "@/features/access/roleTitles";
import { switchAccount } from "@/lib/accounts";
import { useAction } from "@/lib/action";
import { deviceDay } from "@/lib/format";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { RowTable } from "@/ui/RowTable";
import { toast } from "@/ui/toast";
import { type OwnOrganization, restoreOrganization } from "./calls";
import { beingSetUp, useOrganizationChange, useOrganizations } from "./queries";

const DeleteDialog = lazy(() => import("./DeleteDialog"));
const NewOrganization = lazy(() => import("./NewOrganization"));
const m = t.organization.mine;

/** One's own organizations, those too that can still be restored. */
export function MineScreen() {
  const organizations = useOrganizations();
  const titleOf = useRoleTitle();
  const [making, setMaking] = useState(false);
  const [deleting, setDeleting] = useState<OwnOrganization | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  return (
    <>
      <PageHeader title={m.title} lead={m.lead}>
        <Button look="primary" onClick={() => setMaking(true)}>
          <Plus size={16} aria-hidden />
          {t.organization.create.title}
        </Button>
      </PageHeader>
      {failed !== null && (
        <div className="mb-4">
          <ProblemNotice error={failed} />
        </div>
      )}
      <Loaded of={organizations}>
        {(rows) => (
          <RowTable
            label={m.title}
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
              {
                key: "name",
                label: m.name,
                value: (row) => (
                  <span className="block min-w-0">
                    <span className="flex items-center gap-2">
                      <span className="truncate font-medium">{row.name}</span>
                      {row.state !== "active" && <Chip tone="warn">{m.states[row.state]}</Chip>}
                    </span>
                    {row.deletable_until && (
                      <span className="block text-muted">{m.until(deviceDay(row.deletable_until))}</span>
                    )}
                  </span>
                ),
              },
              { key: "role", label: m.role, value: (row) => titleOf(row.role) },
              {
                key: "since",
                label: m.since,
                named: true,
                value: (row) => <span className="text-muted">{deviceDay(row.created_at)}</span>,
              },
            ]}
            actions={{
              label: m.switch,
              of: (row) => <Action row={row} onDelete={() => setDeleting(row)} onFail={setFailed} />,
            }}
          />
        )}
      </Loaded>
      <Suspense>
        {making && <NewOrganization onClose={() => setMaking(false)} />}
        {deleting && <DeleteDialog organization={deleting} onClose={() => setDeleting(null)} />}
      </Suspense>
    </>
  );
}

type ActionProps = { row: OwnOrganization; onDelete(): void; onFail(error: unknown): void };

function Action({ row, onDelete, onFail }: ActionProps) {
  const me = useMe();
  const go = useAction(() => switchAccount(row.account_id), { onError: onFail });
  const restore = useOrganizationChange(() => restoreOrganization(row.id));
  if (row.id === me.data?.organization.id) return <span className="text-xs text-muted">{m.here}</span>;
  if (row.state === "deleted" && row.deletable_until && row.role === "owner")
    return (
      <Button
        busy={restore.isPending}
        onClick={() =>
          restore.mutate(undefined, { onSuccess: () => toast(m.restored(row.name)), onError: onFail })
        }
      >
        {m.restore}
      </Button>
    );
  if (beingSetUp(row) && row.role === "owner") return <Button onClick={onDelete}>{m.remove}</Button>;
  if (row.state !== "active") return null;
  return (
    <Button busy={go.pending} onClick={() => void go.start(undefined)}>
      {m.switch}
    </Button>
  );
}
