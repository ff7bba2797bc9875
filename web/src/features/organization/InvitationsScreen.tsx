"use client";
import { UserPlus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useRoleTitle } from "@/features/access/roleTitles";
import { deviceDay } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip, type Tone } from "@/ui/Chip";
import { Empty } from "@/ui/Empty";
import { Later } from "@/ui/Later";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import type { Invitation } from "./calls";
import { useInvitations } from "./queries";

const InviteDialog = lazy(() => import("./InviteDialog"));
const RevokeDialog = lazy(() => import("./RevokeDialog"));
const InvitationMenu = lazy(() => import("./InvitationMenu"));
const i = t.organization.invitations;
const TONES: Record<string, Tone> = { pending: "accent", accepted: "ok", expired: "warn" };

export function InvitationsScreen() {
  const invitations = useInvitations();
  const may = useMay();
  const titleOf = useRoleTitle();
  const [inviting, setInviting] = useState(false);
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  const writes = may("kernel.invitations.write");
  const button = (
    <Button look="primary" onClick={() => setInviting(true)}>
      <UserPlus size={16} aria-hidden />
      {i.invite}
    </Button>
  );
  return (
    <>
      <PageHeader title={i.title} lead={i.lead}>
        {writes && button}
      </PageHeader>
      <Loaded of={invitations}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={i.emptyTitle} text={i.emptyText}>
              {writes && <Button onClick={() => setInviting(true)}>{i.invite}</Button>}
            </Empty>
          ) : (
            <>
              <RowTable
                label={i.title}
                rows={rows}
                keyOf={(row) => row.id}
                columns={[
                  {
                    key: "email",
                    label: i.email,
                    value: (row) => <span className="block truncate font-medium">{row.email}</span>,
                  },
                  { key: "role", label: i.role, value: (row) => titleOf(row.role) },
                  {
                    key: "state",
                    label: i.state,
                    value: (row) => <Chip tone={TONES[row.state] ?? "plain"}>{i.states[row.state]}</Chip>,
                  },
                  {
                    key: "expires",
                    label: i.expires,
                    named: true,
                    value: (row) =>
                      row.state === "pending" ? (
                        <span className="whitespace-nowrap text-muted">{deviceDay(row.expires_at)}</span>
                      ) : null,
                  },
                ]}
                actions={
                  writes
                    ? {
                        label: t.organization.members.actionsColumn,
                        of: (row) =>
                          row.state === "pending" || row.state === "expired" ? (
                            <Later place="size-9 pointer-coarse:size-11">
                              <InvitationMenu invitation={row} onRevoke={() => setRevoking(row)} />
                            </Later>
                          ) : null,
                      }
                    : undefined
                }
              />
              {invitations.hasNextPage && (
                <div className="mt-3">
                  <Button
                    busy={invitations.isFetchingNextPage}
                    onClick={() => void invitations.fetchNextPage()}
                  >
                    {t.common.more}
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
      <Suspense>
        {inviting && <InviteDialog onClose={() => setInviting(false)} />}
        {revoking && <RevokeDialog invitation={revoking} onClose={() => setRevoking(null)} />}
      </Suspense>
    </>
  );
}
