"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useGivableRoles } from "@/features/access/roleTitles";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { inputClass } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { invite } from "./calls";
import { emailsIn, MOST_AT_ONCE } from "./emails";
import { useHere } from "./queries";

const i = t.organization.invitations;
type Refusal = { email: string; why: string };

/** Invites several people into one role, one after the other; those refused stay in the field with the reason. */
export default function InviteDialog({ onClose }: { onClose(): void }) {
  const here = useHere();
  const client = useQueryClient();
  const roles = useGivableRoles();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const role = chosen ?? (roles.find(([name]) => name === "member") ?? roles[0])?.[0] ?? "member";
  const send = useAction((emails: string[]) => inviteAll(here, emails, role), {
    onSuccess: (refused, emails) => {
      void client.invalidateQueries({ queryKey: ["invitations"] });
      if (emails.length > refused.length) toast(i.sent(emails.length - refused.length));
      setRefusals(refused);
      setText(refused.map(({ email }) => email).join("\n"));
      if (refused.length === 0) onClose();
    },
  });
  const { emails } = emailsIn(text);
  const submit = () => {
    const found = emailsIn(text);
    const wrong = faultOf(found);
    setFault(wrong);
    if (!wrong) void send.start(found.emails);
  };
  return (
    <Dialog open title={i.dialogTitle} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!send.pending) submit();
        }}
      >
        <EmailsField
          value={text}
          error={fault}
          onChange={(next) => {
            setText(next);
            setFault(null);
          }}
        />
        <Select
          label={i.role}
          options={roles}
          value={role}
          onChange={(event) => setChosen(event.target.value)}
          hint={i.roleHint}
        />
        {refusals.length > 0 && (
          <div role="alert" className="rounded-lg border border-bad/35 bg-bad-soft px-4 py-3">
            <p className="font-medium text-bad">{i.partly}</p>
            <ul className="mt-1 list-disc pl-5">
              {refusals.map(({ email, why }) => (
                <li key={email}>{i.refused(email, why)}</li>
              ))}
            </ul>
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" busy={send.pending}>
            {i.send(emails.length)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function faultOf({ emails, wrong }: ReturnType<typeof emailsIn>): string | null {
  if (wrong.length > 0) return i.emailsWrong(wrong.join(", "));
  if (emails.length === 0) return i.emailsMissing;
  return emails.length > MOST_AT_ONCE ? i.emailsMany(MOST_AT_ONCE) : null;
}

async function inviteAll(organization: string, emails: string[], role: string): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  for (const email of emails)
    try {
      await invite(organization, email, role);
    } catch (error) {
      refused.push({ email, why: reason(error) });
    }
  return refused;
}

function reason(error: unknown): string {
  if (!isProblem(error)) return t.problems.serverTitle;
  return Object.values(error.fields)[0] ?? (error.status === 0 ? t.problems.offlineTitle : error.message);
}

type FieldProps = { value: string; error: string | null; onChange(value: string): void };

function EmailsField({ value, error, onChange }: FieldProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="w-fit text-sm font-medium">
        {i.emails}
      </label>
      <textarea
        id={id}
        rows={4}
        value={value}
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-hint ${id}-error` : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
        className={`${inputClass} resize-y`}
      />
      <p id={`${id}-hint`} className="text-xs text-muted">
        {i.emailsHint}
      </p>
      {error && (
        <p id={`${id}-error`} role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
