"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { EmailField } from "@/features/auth/EmailField";
import { FormProblem } from "@/features/auth/FormProblem";
import { EMAIL, useFieldErrors, values } from "@/features/auth/fields";
import { LocalMail } from "@/features/auth/LocalMail";
import { Resend } from "@/features/auth/Resend";
import { SubmitButton } from "@/features/auth/SubmitButton";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { CodeField } from "@/ui/CodeField";
import { Dialog } from "@/ui/Dialog";
import { changeEmail, confirmEmail } from "./calls";
import { useChange } from "./queries";

const e = t.security.email;

/** A new address, proved by a code mailed there. */
export default function EmailDialog({ present, onClose }: { present: string; onClose(): void }) {
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <Dialog open onClose={onClose} title={e.change}>
      {asked === null ? (
        <AskForm present={present} onAsked={setAsked} onClose={onClose} />
      ) : (
        <CodeForm email={asked} onOther={() => setAsked(null)} onClose={onClose} />
      )}
    </Dialog>
  );
}

type AskProps = { present: string; onAsked(email: string): void; onClose(): void };

function AskForm({ present, onAsked, onClose }: AskProps) {
  const ask = useAction(changeEmail, { onSuccess: (_, email) => onAsked(email) });
  const fields = useFieldErrors(isProblem(ask.error) ? ask.error.fields : {});
  const fault = (email: string) => {
    if (!email) return t.auth.required.email;
    if (!EMAIL.test(email)) return t.auth.emailForm;
    return email.toLowerCase() === present.toLowerCase() ? e.same : null;
  };
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        const { email = "" } = values(event.currentTarget, ["email"]);
        const wrong = fault(email);
        if (fields.check(event.currentTarget, wrong ? { email: wrong } : {}) && !ask.pending)
          ask.start(email);
      }}
    >
      <FormProblem error={ask.error} />
      <EmailField label={e.next} error={fields.errors.email} onChange={fields.clear} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <SubmitButton busy={ask.pending} error={ask.error}>
          {e.send}
        </SubmitButton>
      </div>
    </form>
  );
}

type CodeProps = { email: string; onOther(): void; onClose(): void };

function CodeForm({ email, onOther, onClose }: CodeProps) {
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const [short, setShort] = useState(false);
  const confirm = useChange(confirmEmail, {
    said: () => e.done(email),
    after: () => {
      void client.invalidateQueries({ queryKey: ["me"] });
      onClose();
    },
  });
  const wrong = isProblem(confirm.error) && confirm.error.code === "invalid_code";
  const send = (given: string) => {
    setShort(given.length < 6);
    if (given.length < 6 || confirm.isPending) return;
    confirm.mutate(given);
    setCode("");
  };
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send(code);
      }}
    >
      <p role="status" className="text-muted">
        {e.codeLead(email)} <LocalMail />
      </p>
      {!wrong && <FormProblem error={confirm.error} />}
      <CodeField
        autoFocus
        value={code}
        onChange={setCode}
        onComplete={send}
        error={short ? t.auth.codeShort : wrong ? e.wrong : null}
      />
      <Resend send={() => changeEmail(email)} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onOther}>{e.other}</Button>
        <SubmitButton busy={confirm.isPending} error={confirm.error}>
          {e.confirm}
        </SubmitButton>
      </div>
    </form>
  );
}
