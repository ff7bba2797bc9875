"use client";
import { lazy, Suspense, useRef, useState } from "react";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { Link, useNavigate, useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Checkbox } from "@/ui/Checkbox";
import { Later } from "@/ui/Later";
import { PasswordField } from "@/ui/PasswordField";
import { AuthFrame } from "./AuthFrame";
import { askSignInLink, signIn } from "./calls";
import { type Challenge, challengeIn, challengeOf } from "./challenge";
import { EmailField } from "./EmailField";
import { FormProblem } from "./FormProblem";
import { EMAIL, useFieldErrors, values } from "./fields";
import { useFragment } from "./fragment";
import { Note } from "./Note";
import { keepNext, nextOf } from "./next";
import { rememberPending } from "./pending";
import { SubmitButton } from "./SubmitButton";

const ChallengeScreen = lazy(() => import("./ChallengeScreen"));
const MailedScreen = lazy(() => import("./MailedScreen"));
const OtherWays = lazy(() => import("./OtherWays"));
const Refusal = lazy(() => import("./Refusal"));

/** One page for every way in: the form, and in its place what a way asks next. */
export function SignInScreen() {
  const navigate = useNavigate();
  const [query] = useQueryState();
  const brought = useFragment();
  const [stay, setStay] = useState(true);
  const [asked, setAsked] = useState<Challenge | "over" | "back" | null>(null);
  const [mailed, setMailed] = useState<string | null>(null);
  const enter = () => navigate.replace(nextOf(query));
  const begin = (again: "over" | "back") => {
    setMailed(null);
    setAsked(again);
  };
  const refused = (error: unknown, email?: string) => {
    const challenge = challengeOf(error);
    if (challenge) setAsked(challenge);
    if (!email || !isProblem(error) || error.code !== "email_not_verified") return;
    rememberPending(email);
    navigate.to(keepNext("/verify-email", query));
  };
  const challenge = asked ?? challengeIn(brought ?? {});
  const waiting = <AuthFrame title={t.auth.signInTitle}>{null}</AuthFrame>;
  if (challenge && typeof challenge === "object")
    return (
      <Suspense fallback={waiting}>
        <ChallengeScreen
          challenge={challenge}
          onDone={enter}
          onOver={() => begin("over")}
          onBack={() => begin("back")}
        />
      </Suspense>
    );
  if (mailed)
    return (
      <Suspense fallback={waiting}>
        <MailedScreen
          email={mailed}
          stay={stay}
          onDone={enter}
          onRefused={refused}
          onBack={() => begin("back")}
        />
      </Suspense>
    );
  return (
    <Form
      stay={stay}
      over={challenge === "over"}
      onStay={setStay}
      onDone={enter}
      onRefused={refused}
      onMailed={setMailed}
    />
  );
}

type FormProps = {
  stay: boolean;
  over: boolean;
  onStay(stay: boolean): void;
  onDone(): void;
  onRefused(error: unknown, email?: string): void;
  onMailed(email: string): void;
};

function Form({ stay, over, onStay, onDone, onRefused, onMailed }: FormProps) {
  const [query] = useQueryState();
  const form = useRef<HTMLFormElement>(null);
  const [last, setLast] = useState<"password" | "mail" | null>(null);
  const password = useAction(signIn, {
    onSuccess: onDone,
    onError: (error, { email }) => onRefused(error, email),
  });
  const mail = useAction(askSignInLink, { onSuccess: (_, email) => onMailed(email) });
  const error = last === "mail" ? mail.error : password.error;
  const fields = useFieldErrors(isProblem(error) ? error.fields : {});
  const given = (...names: string[]) => {
    if (!form.current) return null;
    const found = values(form.current, names);
    return fields.check(form.current, faults(found)) ? found : null;
  };
  const submit = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setLast("password");
    const found = given("email", "password");
    if (found) password.start({ email: found.email ?? "", password: found.password ?? "", stay });
  };
  const byMail = () => {
    setLast("mail");
    const found = given("email");
    if (found) mail.start(found.email ?? "");
  };
  const code = isProblem(error) ? error.code : null;
  const wrong = code === "invalid_credentials" ? t.auth.signInFailed : null;
  return (
    <AuthFrame
      title={t.auth.signInTitle}
      foot={
        <>
          {t.auth.noAccount}{" "}
          <Link href={keepNext("/sign-up", query)} className="font-medium text-accent hover:underline">
            {t.auth.createAccount}
          </Link>
        </>
      }
    >
      {last === null && <Before query={query} over={over} />}
      <form ref={form} noValidate onSubmit={submit} className="flex flex-col gap-4">
        {code !== "mfa_required" && <FormProblem error={error} text={wrong} />}
        {code === "too_many_attempts" && <Note>{t.auth.orByMail}</Note>}
        <EmailField autoComplete="username webauthn" error={fields.errors.email} onChange={fields.clear} />
        <PasswordField
          label={t.auth.password}
          name="password"
          autoComplete="current-password"
          required
          error={fields.errors.password}
          onChange={fields.clear}
        />
        <div className="flex flex-wrap items-center justify-between gap-x-4">
          <Checkbox label={t.auth.stay} checked={stay} onChange={onStay} />
          <Link
            href="/forgot-password"
            className="flex min-h-6 items-center text-accent hover:underline pointer-coarse:min-h-11"
          >
            {t.auth.forgot}
          </Link>
        </div>
        <SubmitButton busy={password.pending} error={error}>
          {t.auth.signIn}
        </SubmitButton>
      </form>
      <Later place="h-29 pointer-coarse:h-33">
        <OtherWays stay={stay} mailing={mail.pending} onMail={byMail} onDone={onDone} onRefused={onRefused} />
      </Later>
    </AuthFrame>
  );
}

function faults(given: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  if (!given.email) found.email = t.auth.required.email;
  else if (!EMAIL.test(given.email)) found.email = t.auth.emailForm;
  if (given.password === "") found.password = t.auth.required.password;
  return found;
}

/** Why one is here, until the first try. */
function Before({ query, over }: { query: Readonly<Record<string, string>>; over: boolean }) {
  const code = over ? "over" : query.error;
  if (code)
    return (
      <Suspense fallback={<div className="h-17" />}>
        <Refusal code={code} />
      </Suspense>
    );
  if (query.changed) return <Note>{t.auth.changed}</Note>;
  if (query.ended) return <Note>{t.auth.signedOut}</Note>;
  return query.next ? <Note>{t.auth.sessionEnded}</Note> : null;
}
