"use client";
import { type FormEvent, lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { AuthFrame } from "@/features/auth/AuthFrame";
import { FormProblem } from "@/features/auth/FormProblem";
import { useFieldErrors, values } from "@/features/auth/fields";
import { useFragment } from "@/features/auth/fragment";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Copyable } from "@/ui/Copyable";
import { TextField } from "@/ui/Field";
import { PasswordField } from "@/ui/PasswordField";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { readSetUp, setUp } from "./calls";

const QrCode = lazy(() =>
  import("@/features/security/QrCode").then((module) => ({ default: module.QrCode })),
);
const s = t.operator.setUp;
const SHORTEST = 12;
type Found = Awaited<ReturnType<typeof readSetUp>>;

/** What `rowhouse operator create` prints leads here: a second factor and a password, and one is in. */
export function SetUpScreen() {
  const fragment = useFragment();
  const [found, setFound] = useState<Found | null>(null);
  const look = useAction(readSetUp, { onSuccess: setFound });
  const token = fragment?.token;
  const { start } = look;
  useEffect(() => {
    if (token) void start(token);
  }, [token, start]);
  if (fragment && !token)
    return (
      <AuthFrame title={s.noneTitle} lead={s.noneText}>
        {null}
      </AuthFrame>
    );
  if (isProblem(look.error) && [401, 404, 422].includes(look.error.status))
    return (
      <AuthFrame title={s.invalidTitle} lead={s.invalidText}>
        {null}
      </AuthFrame>
    );
  if (found && token)
    return (
      <AuthFrame title={s.title} lead={s.lead(found.email)}>
        <Steps found={found} token={token} />
      </AuthFrame>
    );
  return (
    <AuthFrame title={s.title}>
      {look.error === null ? (
        <p role="status" className="text-muted">
          {s.reading}
        </p>
      ) : (
        <ProblemNotice error={look.error} onRetry={() => token && void start(token)} />
      )}
    </AuthFrame>
  );
}

function Steps({ found, token }: { found: Found; token: string }) {
  const navigate = useNavigate();
  const confirm = useAction(setUp, { onSuccess: () => navigate.replace("/operator") });
  const { errors, check, clear } = useFieldErrors(isProblem(confirm.error) ? confirm.error.fields : {});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (confirm.pending) return;
    const { password = "", code = "" } = values(event.currentTarget, ["password", "code"]);
    const faults = {
      ...(password.length < SHORTEST && { password: s.passwordShort }),
      ...(!/^\d{6}$/.test(code.trim()) && { code: t.operator.codeForm }),
    };
    if (check(event.currentTarget, faults)) void confirm.start({ token, password, code: code.trim() });
  };
  return (
    <form noValidate className="flex flex-col gap-6" onSubmit={submit} onInput={clear}>
      <FormProblem error={confirm.error} />
      <Step title={s.step1}>
        <p className="text-muted">{s.scan}</p>
        <Suspense fallback={<div className="size-44" />}>
          <QrCode text={found.uri} label={s.scan} />
        </Suspense>
        <Copyable label={s.secret} value={found.secret} />
        <a href={found.uri} className="w-fit text-accent hover:underline">
          {s.openApp}
        </a>
      </Step>
      <Step title={s.step2}>
        {/* For password managers, which file a password under its name. */}
        <input type="hidden" name="username" autoComplete="username" value={found.email} />
        <PasswordField
          label={t.operator.password}
          name="password"
          autoComplete="new-password"
          hint={s.passwordHint}
          error={errors.password}
        />
      </Step>
      <Step title={s.step3}>
        <TextField
          label={t.operator.code}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          className="figures"
          error={errors.code}
        />
      </Step>
      <Button type="submit" look="primary" busy={confirm.pending}>
        {s.action}
      </Button>
    </form>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="font-medium">{title}</h2>
      {children}
    </section>
  );
}
