"use client";
import { type FormEvent, useState } from "react";
import { useAllMembers } from "@/features/organization/queries";
import { inDays } from "@/lib/later";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { Dialog } from "@/ui/Dialog";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { makeGrant } from "./calls";
import { useChange } from "./queries";
import { useRoleTitle } from "./roleTitles";

const s = t.access.sharing;
const READ = "fitness.workouts.read";
const BODY = "fitness.biometrics.read";
const MONTH = "30";

/** Opens one's workouts to one member for a while. */
export default function ShareDialog({ onClose }: { onClose(): void }) {
  const members = useAllMembers();
  const me = useMe();
  const titleOf = useRoleTitle();
  const own = me.data?.account.id ?? "";
  return (
    <Dialog open title={s.dialogTitle} onClose={onClose}>
      <Loaded of={members} rows={2}>
        {(rows) => {
          const others = rows
            .filter((member) => member.account_id !== own && member.state === "active")
            .map(({ account_id: id, name, role }) => ({ id, name, role: titleOf(role) }));
          return others.length === 0 ? (
            <p>{s.nobody}</p>
          ) : (
            <Form own={own} others={others} onClose={onClose} />
          );
        }}
      </Loaded>
    </Dialog>
  );
}

type Other = { id: string; name: string; role: string };
type FormProps = { own: string; others: Other[]; onClose(): void };

function Form({ own, others, onClose }: FormProps) {
  const [account, setAccount] = useState(others[0]?.id ?? "");
  const [days, setDays] = useState(MONTH);
  const [body, setBody] = useState(false);
  const share = useChange(["grants"], () =>
    makeGrant({
      account_id: account,
      resource: { kind: "fitness.athlete", id: own },
      permissions: body ? [READ, BODY] : [READ],
      expires_at: inDays(days),
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (share.isPending) return;
    share.mutate(undefined, {
      onSuccess: () => {
        toast(s.done(others.find(({ id }) => id === account)?.name ?? ""));
        onClose();
      },
    });
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={submit}>
      <Select
        label={s.with}
        options={others.map(({ id, name, role }) => [id, `${name} (${role})`] as const)}
        value={account}
        onChange={(event) => setAccount(event.target.value)}
      />
      <div>
        <p className="mb-1">
          <span className="block font-medium">{s.whatLabel}</span>
          {s.workouts}
        </p>
        <Checkbox label={s.body} checked={body} onChange={setBody} />
      </div>
      <Select
        label={s.untilLabel}
        options={Object.entries(s.untils)}
        value={days}
        hint={s.recorded}
        onChange={(event) => setDays(event.target.value)}
      />
      {share.error && <ProblemNotice error={share.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" look="primary" busy={share.isPending}>
          {s.action}
        </Button>
      </div>
    </form>
  );
}
