"use client";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { FactorForm } from "@/features/auth/FactorForm";
import { FormProblem } from "@/features/auth/FormProblem";
import { LocalMail } from "@/features/auth/LocalMail";
import { Resend } from "@/features/auth/Resend";
import { SubmitButton } from "@/features/auth/SubmitButton";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { CodeField } from "@/ui/CodeField";
import { PasswordField } from "@/ui/PasswordField";
import { mailStepUpCode, type Proof, type Way } from "./calls";

const s = t.security.proof;

type Action = { pending: boolean; error: unknown; start(proof: Proof | "passkey"): unknown };
type Props = { by: Way; action: Action };

/** The field for one way of proving oneself. */
export function ProofForm({ by, action }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector<HTMLElement>("input, button")?.focus(), []);
  const { start, ...state } = action;
  return (
    <div ref={box} className="flex flex-col gap-4">
      {by === "password" && <PasswordProof action={action} />}
      {by === "mail" && <MailProof action={action} />}
      {by !== "password" && by !== "mail" && (
        <FactorForm
          by={by}
          action={{ ...state, start: (code) => start(code === null ? "passkey" : { code }) }}
        />
      )}
    </div>
  );
}

const refused = (error: unknown) => isProblem(error) && error.code === "step_up_refused";

function PasswordProof({ action }: { action: Action }) {
  const [empty, setEmpty] = useState(false);
  const { pending, error, start } = action;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password") ?? "");
    setEmpty(!password);
    if (password && !pending) start({ password });
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      {!refused(error) && <FormProblem error={error} />}
      <PasswordField
        label={s.password}
        name="password"
        autoComplete="current-password"
        required
        error={empty ? t.auth.required.password : refused(error) ? s.wrong : null}
      />
      <SubmitButton busy={pending} error={error}>
        {s.confirm}
      </SubmitButton>
    </form>
  );
}

function MailProof({ action }: { action: Action }) {
  const email = useMe().data?.user.email ?? "";
  const mail = useAction(mailStepUpCode);
  const [code, setCode] = useState("");
  const [short, setShort] = useState(false);
  const { pending, error, start } = action;
  const send = (given: string) => {
    setShort(given.length < 6);
    if (given.length < 6 || pending) return;
    start({ code: given });
    setCode("");
  };
  if (!mail.done)
    return (
      <>
        <p>{s.mail(email)}</p>
        <FormProblem error={mail.error} />
        <Button look="primary" busy={mail.pending} onClick={() => void mail.start(undefined)}>
          {s.sendMail}
        </Button>
      </>
    );
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send(code);
      }}
    >
      <p role="status">
        {s.mailed(email)} <LocalMail />
      </p>
      {!refused(error) && <FormProblem error={error} />}
      <CodeField
        autoFocus
        value={code}
        onChange={setCode}
        onComplete={send}
        error={short ? t.auth.codeShort : refused(error) ? s.wrong : null}
      />
      <SubmitButton busy={pending} error={error}>
        {s.confirm}
      </SubmitButton>
      <Resend send={mailStepUpCode} />
    </form>
  );
}
