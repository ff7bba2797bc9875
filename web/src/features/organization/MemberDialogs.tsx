"use client";
import { useState } from "react";
import { useGivableRoles, useRoleTitle } from "@/features/access/roleTitles";
import { useMe, useSignOut } from "@/lib/session";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import Confirm from "@/ui/Confirm";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { editMember, type Member, makeOwner, removeMember } from "./calls";
import { Failure } from "./Failure";
import type { Deed } from "./MemberMenu";
import { useHere, useOrganizationChange } from "./queries";

const m = t.organization.members;
type Props = { member: Member; oneself: boolean; onClose(): void };

export default function MemberDialogs({ deed, ...props }: Props & { deed: Deed }) {
  switch (deed) {
    case "role":
      return <RoleDialog {...props} />;
    case "owner":
      return <OwnerDialog {...props} />;
    case "remove":
      return <RemoveDialog {...props} />;
    default:
      return <StateDialog {...props} state={deed === "suspend" ? "suspended" : "active"} />;
  }
}

/** The dialog stays open, with what went wrong, until it has worked. */
function useDeed(run: (organization: string) => Promise<unknown>, done: string, onClose: () => void) {
  const here = useHere();
  const change = useOrganizationChange(() => run(here));
  return {
    ...change,
    start: () =>
      change.mutate(undefined, {
        onSuccess: () => {
          toast(done);
          onClose();
        },
      }),
  };
}

function RoleDialog({ member, onClose }: Props) {
  const roles = useGivableRoles();
  const titleOf = useRoleTitle();
  const [role, setRole] = useState(member.role);
  const here = useHere();
  const change = useOrganizationChange(() => editMember(here, member.account_id, { role }));
  const known = roles.some(([name]) => name === member.role);
  const options = known ? roles : [[member.role, titleOf(member.role)] as const, ...roles];
  return (
    <Dialog open title={m.roleTitle(member.name)} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(undefined, {
            onSuccess: () => {
              toast(m.roleDone(member.name, titleOf(role)));
              onClose();
            },
          });
        }}
      >
        <Select
          label={m.role}
          options={options}
          value={role}
          onChange={(event) => setRole(event.target.value)}
          hint={m.roleHint}
        />
        {change.error && <ProblemNotice error={change.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" busy={change.isPending} disabled={role === member.role}>
            {m.roleAction}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function OwnerDialog({ member, onClose }: Props) {
  const [keepAs, setKeepAs] = useState("");
  const run = (here: string) => makeOwner(here, member.account_id, keepAs || null);
  const deed = useDeed(run, m.ownerDone(member.name), onClose);
  const roles = useGivableRoles().filter(([name]) => name !== "owner");
  return (
    <Confirm
      open
      danger
      title={m.ownerTitle(member.name)}
      text={m.ownerText(member.name)}
      action={m.ownerAction}
      busy={deed.isPending}
      onConfirm={deed.start}
      onClose={onClose}
    >
      <Select
        className="mt-4"
        label={m.ownerKeep}
        value={keepAs}
        onChange={(event) => setKeepAs(event.target.value)}
        options={[["", m.ownerStay], ...roles.map(([name, title]) => [name, m.ownerBecome(title)] as const)]}
      />
      <Failure error={deed.error} />
    </Confirm>
  );
}

function StateDialog({ member, state, onClose }: Props & { state: "active" | "suspended" }) {
  const out = state === "suspended";
  const run = (here: string) => editMember(here, member.account_id, { state });
  const deed = useDeed(run, out ? m.suspendDone(member.name) : m.resumeDone(member.name), onClose);
  return (
    <Confirm
      open
      danger={out}
      title={out ? m.suspendTitle(member.name) : m.resumeTitle(member.name)}
      text={out ? m.suspendText : m.resumeText}
      action={out ? m.suspendAction : m.resumeAction}
      busy={deed.isPending}
      onConfirm={deed.start}
      onClose={onClose}
    >
      <Failure error={deed.error} />
    </Confirm>
  );
}

function RemoveDialog({ member, oneself, onClose }: Props) {
  const me = useMe();
  const signOut = useSignOut();
  const here = useHere();
  const change = useOrganizationChange(() => removeMember(here, member.account_id));
  const remove = () =>
    change.mutate(undefined, {
      onSuccess: () => {
        // Whoever has left has no session here any more: signing in leads to another of their organizations.
        if (oneself) return void signOut();
        toast(m.removeDone(member.name));
        onClose();
      },
    });
  return (
    <Confirm
      open
      danger
      title={oneself ? m.leaveTitle(me.data?.organization.name ?? "") : m.removeTitle(member.name)}
      text={oneself ? m.leaveText : m.removeText}
      action={oneself ? m.leaveAction : m.removeAction}
      busy={change.isPending}
      onConfirm={remove}
      onClose={onClose}
    >
      <Failure error={change.error} />
    </Confirm>
  );
}
