"use client";
import { useState, useSyncExternalStore } from "react";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { Link, useNavigate, useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { CodeField } from "@/ui/CodeField";
import { AuthFrame } from "./AuthFrame";
import { resendCode, verifyEmail } from "./calls";
import { EmailField } from "./EmailField";
import { FormProblem } from "./FormProblem";
import { LocalMail } from "./LocalMail";
import { nextOf } from "./next";
import { forgetPending, pendingEmail, pendingRegistration } from "./pending";
import { Resend } from "./Resend";
import { SubmitButton } from "./SubmitButton";

const never = () => () => {};

/** Asks for the mailed code; without a sign-up in this tab it asks for the email as well. */
export function VerifyScreen() {
  const navigate = useNavigate();
  const [query] = useQueryState();
  const pending = useSyncExternalStore<string | null>(never, pendingEmail, () => null);
  const [typed, setTyped] = useState("");
  const [code, setCode] = useState("");
  const email = pending || typed;
  const verify = useAction((given: string) => verifyEmail(email, given, pendingRegistration()), {
    onSuccess: () => {
      forgetPending();
      navigate.replace(nextOf(query));
    },
    onError: () => setCode(""),
  });
  const [short, setShort] = useState(false);
  const confirm = (given: string) => {
    setShort(given.length < 6);
    if (given.length === 6 && email && !verify.pending) verify.start(given);
  };
  const refused =
    isProblem(verify.error) && [400, 401, 422].includes(verify.error.status) ? verify.error : null;
  if (pending === null)
    return (
      <AuthFrame title={t.auth.codeTitle} lead={t.auth.codeAsk}>
        {null}
      </AuthFrame>
    );
  return (
    <AuthFrame
      title={t.auth.codeTitle}
      lead={pending ? t.auth.codeLead(pending) : t.auth.codeAsk}
      foot={<Foot />}
    >
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          confirm(code);
        }}
      >
        {verify.error !== null && !refused ? <FormProblem error={verify.error} /> : null}
        {!pending && <EmailField value={typed} onChange={(event) => setTyped(event.target.value)} />}
        <CodeField
          value={code}
          onChange={setCode}
          onComplete={confirm}
          error={short ? t.auth.codeShort : refused && (refused.detail ?? refused.message)}
        />
        <SubmitButton busy={verify.pending} error={verify.error}>
          {t.auth.verify}
        </SubmitButton>
      </form>
      <Resend send={() => resendCode(email)} sent={pending !== ""} disabled={!email} />
    </AuthFrame>
  );
}

function Foot() {
  return (
    <div className="flex flex-wrap justify-between gap-3">
      <Link href="/sign-up" className="text-accent hover:underline">
        {t.auth.otherEmail}
      </Link>
      <LocalMail />
    </div>
  );
}
