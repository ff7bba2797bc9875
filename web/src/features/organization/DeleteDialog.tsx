"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { announceSwitch, switchAccount } from "@/lib/accounts";
import { useAction } from "@/lib/action";
import { sessionEnded } from "@/lib/api";
import { deviceDay } from "@/lib/format";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { deleteOrganization, type Organization } from "./calls";
import { useHere } from "./queries";

const d = t.organization.danger;
type Doomed = Pick<Organization, "id" | "name">;
const GRACE_MS = 30 * 86_400_000;

/** Says what will happen and until when it can be undone, and asks for the name before it does it. */
export default function DeleteDialog(props: { organization: Doomed; onClose(): void }) {
  const { organization, onClose } = props;
  const client = useQueryClient();
  const here = useHere();
  const elsewhere = here !== organization.id;
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [until, setUntil] = useState<string | null>(null);
  const remove = useAction((name: string) => deleteOrganization(organization.id, name), {
    onSuccess: ({ restorable_until }) => {
      setUntil(restorable_until);
      if (elsewhere) void client.invalidateQueries({ queryKey: ["organizations"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() !== organization.name) return setFault(d.mismatch);
    if (!remove.pending) void remove.start(typed.trim());
  };
  if (until !== null && elsewhere)
    return <Done name={organization.name} until={deviceDay(until)} onGo={onClose} />;
  if (until !== null) return <Deleted name={organization.name} until={deviceDay(until)} />;
  return (
    <Dialog open title={d.dialogTitle(organization.name)} onClose={onClose}>
      <form noValidate className="flex flex-col gap-4" onSubmit={submit}>
        <div>
          <p>{d.at}</p>
          <ul className="mt-1 flex list-disc flex-col gap-1 pl-5 text-muted">
            {d.atOnce.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
        <p>{d.later(deviceDay(new Date(Date.now() + GRACE_MS).toISOString()))}</p>
        <TextField
          label={d.confirm(organization.name)}
          value={typed}
          error={fault}
          autoComplete="off"
          onChange={(event) => {
            setTyped(event.target.value);
            setFault(null);
          }}
        />
        {remove.error !== null && <ProblemNotice error={remove.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="danger" busy={remove.pending}>
            {d.do}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Nothing of the organization can be read any more: on to another of one's accounts, or out. */
function Deleted({ name, until }: { name: string; until: string }) {
  const me = useMe();
  const other = me.data?.accounts.find((account) => account.organization_id !== me.data.organization.id);
  const leave = () => {
    sessionEnded();
    announceSwitch();
    window.location.assign("/sign-in?ended=1");
  };
  const go = () => {
    if (other) void switchAccount(other.id, "/organization/mine").catch(leave);
    else leave();
  };
  return <Done name={name} until={until} onGo={go} />;
}

const Done = ({ name, until, onGo }: { name: string; until: string; onGo(): void }) => (
  <Dialog open title={d.doneTitle(name)} onClose={onGo}>
    <p>{d.doneText(until)}</p>
    <div className="mt-4 flex justify-end">
      <Button look="primary" onClick={onGo}>
        {d.go}
      </Button>
    </div>
  </Dialog>
);
