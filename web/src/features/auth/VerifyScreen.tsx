"use client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useAction } from "@/lib/action";
import { isProblem, resendCode, verifyEmail } from "@/lib/api";
import { Link, useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { CodeField } from "@/ui/CodeField";
import { TextField } from "@/ui/Field";
import { ProblemNotice, useCountdown } from "@/ui/ProblemNotice";
import { AuthFrame } from "./AuthFrame";
import { FormProblem } from "./FormProblem";
import { forgetPending, pendingEmail } from "./pending";

const PAUSE_S = 30;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const never = () => () => {};

/** Asks for the mailed code; without a sign-up in this tab it asks for the email as well. */
export function VerifyScreen() {
  const navigate = useNavigate();
  const pending = useSyncExternalStore<string | null>(never, pendingEmail, () => null);
  const local = useSyncExternalStore(
    never,
    () => LOOPBACK.has(window.location.hostname),
    () => false,
  );
  const [typed, setTyped] = useState("");
  const [code, setCode] = useState("");
  const email = pending || typed;
  const verify = useAction((given: string) => verifyEmail(email, given), {
    onSuccess: () => {
      forgetPending();
      navigate.replace("/workouts");
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
      foot={<Foot local={local} />}
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
        {!pending && (
          <TextField
            label={t.auth.email}
            name="email"
            type="email"
            autoComplete="email"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
        <CodeField
          value={code}
          onChange={setCode}
          onComplete={confirm}
          error={short ? t.auth.codeShort : refused && (refused.detail ?? refused.message)}
        />
        <Button type="submit" look="primary" busy={verify.pending}>
          {t.auth.verify}
        </Button>
      </form>
      <Resend email={email} />
    </AuthFrame>
  );
}

function Foot({ local }: { local: boolean }) {
  return (
    <div className="flex flex-wrap justify-between gap-3">
      <Link href="/sign-up" className="text-accent hover:underline">
        {t.auth.otherEmail}
      </Link>
      {local && (
        <a href="/dev/mail" target="_blank" rel="noreferrer" className="text-accent hover:underline">
          {t.auth.localMail}
        </a>
      )}
    </div>
  );
}

function Resend({ email }: { email: string }) {
  const [left, setLeft] = useState(PAUSE_S);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  const resend = useAction(() => resendCode(email), {
    onSuccess: () => setLeft(PAUSE_S),
  });
  const asked = useCountdown(resend.error);
  const wait = Math.max(left, asked);
  return (
    <>
      {resend.error !== null && <ProblemNotice error={resend.error} />}
      <p role="status" className="-my-2 text-center text-muted">
        {resend.done && t.auth.resent}
      </p>
      <Button
        busy={resend.pending}
        disabled={wait > 0 || !email}
        onClick={() => void resend.start(undefined)}
      >
        <span className="figures">{wait > 0 ? t.auth.resendIn(wait) : t.auth.resend}</span>
      </Button>
    </>
  );
}
