"use client";
import { UserPlus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useRoleTitle } from "@/features/access/roleTitles";
import { ago } from "@/lib/format";
import { useSorting } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Empty } from "@/ui/Empty";
import { Later } from "@/ui/Later";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { type RowColumn, RowTable } from "@/ui/RowTable";
import type { Member } from "./calls";
import type { Deed } from "./MemberMenu";
import { useMembers } from "./queries";

const MemberMenu = lazy(() => import("./MemberMenu"));
const MemberDialogs = lazy(() => import("./MemberDialogs"));
const InviteDialog = lazy(() => import("./InviteDialog"));
const m = t.organization.members;

export function MembersScreen() {
  const sorting = useSorting("joined_at", "name", "role", "last_seen_at");
  const members = useMembers(sorting.sort);
  const may = useMay();
  const [inviting, setInviting] = useState(false);
  // Here and not in the row: rows are drawn anew when the screen turns, and an open dialog must outlive that.
  const [asked, setAsked] = useState<{ member: Member; deed: Deed } | null>(null);
  const me = useMe();
  const columns = useColumns();
  return (
    <>
      <PageHeader title={m.title} lead={m.lead}>
        {may("kernel.invitations.write") && (
          <Button look="primary" onClick={() => setInviting(true)}>
            <UserPlus size={16} aria-hidden />
            {m.invite}
          </Button>
        )}
      </PageHeader>
      <Loaded of={members}>
        {(rows) => (
          <>
            <RowTable
              label={m.title}
              columns={columns}
              sorting={sorting}
              rows={rows}
              keyOf={(member) => member.account_id}
              actions={{
                label: m.actionsColumn,
                of: (member) => (
                  <Later place="size-9 pointer-coarse:size-11">
                    <MemberMenu member={member} onAsk={(deed) => setAsked({ member, deed })} />
                  </Later>
                ),
              }}
            />
            <p className="mt-3 text-xs text-muted">{m.count(rows.length, !members.hasNextPage)}</p>
            {members.hasNextPage && (
              <Button busy={members.isFetchingNextPage} onClick={() => void members.fetchNextPage()}>
                {t.common.more}
              </Button>
            )}
            {rows.length === 1 && may("kernel.invitations.write") && (
              <div className="mt-4">
                <Empty title={m.aloneTitle} text={m.aloneText}>
                  <Button onClick={() => setInviting(true)}>{m.invite}</Button>
                </Empty>
              </div>
            )}
          </>
        )}
      </Loaded>
      <Suspense>
        {inviting && <InviteDialog onClose={() => setInviting(false)} />}
        {asked && (
          <MemberDialogs
            {...asked}
            oneself={asked.member.account_id === me.data?.account.id}
            onClose={() => setAsked(null)}
          />
        )}
      </Suspense>
    </>
  );
}

function useColumns(): RowColumn<Member>[] {
  const me = useMe();
  const titleOf = useRoleTitle();
  return [
    {
      key: "member",
      sort: "name",
      label: m.member,
      value: (member) => (
        <span className="block min-w-0">
          <span className="flex items-center gap-2">
            <span className="truncate font-medium">{member.name}</span>
            {member.account_id === me.data?.account.id && <Chip>{m.you}</Chip>}
            {member.state === "suspended" && <Chip tone="warn">{m.suspended}</Chip>}
          </span>
          <span className="block truncate text-muted">{member.email}</span>
        </span>
      ),
    },
    { key: "role", sort: "role", label: m.role, value: (member) => titleOf(member.role) },
    {
      key: "mfa",
      label: m.mfa,
      named: true,
      value: (member) =>
        member.mfa ? <Chip tone="ok">{m.mfaOn}</Chip> : <Chip tone="warn">{m.mfaOff}</Chip>,
    },
    {
      key: "seen",
      sort: "-last_seen_at",
      label: m.seen,
      named: true,
      value: (member) => (
        <span className="whitespace-nowrap text-muted">
          {member.last_seen_at ? ago(member.last_seen_at) : m.never}
        </span>
      ),
    },
  ];
}
