"use client";
import { useState } from "react";
import { useAction } from "@/lib/action";
import { isProblem, signIn } from "@/lib/api";
import { Link, useNavigate, useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { TextField } from "@/ui/Field";
import { PasswordField } from "@/ui/PasswordField";
import { AuthFrame } from "./AuthFrame";
import { FormProblem } from "./FormProblem";
import { useFieldErrors, values } from "./fields";
import { rememberPending } from "./pending";

/** Only addresses of this site are followed after sign-in. */
function safeNext(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/workouts";
}

function faults({ email, password }: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  if (!email) found.email = t.auth.required.email;
  if (!password) found.password = t.auth.required.password;
  return found;
}

export function SignInScreen() {
  const navigate = useNavigate();
  const [query] = useQueryState();
  const [stay, setStay] = useState(true);
  const enter = useAction(signIn, {
    onSuccess: () => navigate.replace(safeNext(query.next)),
    onError: (error, { email }) => {
      if (!isProblem(error) || !/verif/.test(error.code)) return;
      rememberPending(email);
      navigate.to("/verify-email");
    },
  });
  const fields = useFieldErrors(isProblem(enter.error) ? enter.error.fields : {});
  const submit = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = values(event.currentTarget, ["email", "password"]);
    if (fields.check(event.currentTarget, faults(given)))
      enter.start({ email: given.email ?? "", password: given.password ?? "", stay });
  };
  const wrong = isProblem(enter.error) && enter.error.status === 401 ? t.auth.signInFailed : null;
  const note = query.ended ? t.auth.signedOut : query.next ? t.auth.sessionEnded : null;
  return (
    <AuthFrame
      title={t.auth.signInTitle}
      foot={
        <>
          {t.auth.noAccount}{" "}
          <Link href="/sign-up" className="font-medium text-accent hover:underline">
            {t.auth.createAccount}
          </Link>
        </>
      }
    >
      {note && !enter.error && (
        <p role="status" className="rounded-lg border border-line bg-sunken px-4 py-3">
          {note}
        </p>
      )}
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <FormProblem error={enter.error} text={wrong} />
        <TextField
          label={t.auth.email}
          name="email"
          type="email"
          inputMode="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          error={fields.errors.email}
          onChange={fields.clear}
        />
        <PasswordField
          label={t.auth.password}
          name="password"
          autoComplete="current-password"
          required
          error={fields.errors.password}
          onChange={fields.clear}
        />
        <Checkbox label={t.auth.stay} checked={stay} onChange={setStay} />
        <Button type="submit" look="primary" busy={enter.pending}>
          {t.auth.signIn}
        </Button>
      </form>
    </AuthFrame>
  );
}
