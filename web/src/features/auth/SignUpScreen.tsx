"use client";
import { useState } from "react";
import { useAction } from "@/lib/action";
import { isProblem, register } from "@/lib/api";
import { Link, useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { PasswordField } from "@/ui/PasswordField";
import { AuthFrame } from "./AuthFrame";
import { FormProblem } from "./FormProblem";
import { EMAIL, useFieldErrors, values } from "./fields";
import { rememberPending } from "./pending";
import { StrengthMeter } from "./StrengthMeter";
import { LEAST_LENGTH } from "./strength";

function faults({ name, email, password }: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  if (!name?.trim()) found.name = t.auth.required.name;
  if (!email) found.email = t.auth.required.email;
  else if (!EMAIL.test(email)) found.email = t.auth.emailForm;
  if (!password) found.password = t.auth.required.password;
  else if (password.length < LEAST_LENGTH) found.password = t.auth.passwordShort;
  return found;
}

export function SignUpScreen() {
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const signUp = useAction(register, {
    onSuccess: (_, { email }) => {
      rememberPending(email);
      navigate.to("/verify-email");
    },
  });
  const fields = useFieldErrors(isProblem(signUp.error) ? signUp.error.fields : {});
  const submit = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = values(event.currentTarget, ["name", "email", "password"]);
    if (fields.check(event.currentTarget, faults(given)))
      signUp.start({
        name: given.name?.trim() ?? "",
        email: given.email ?? "",
        password: given.password ?? "",
      });
  };
  return (
    <AuthFrame
      title={t.auth.signUpTitle}
      lead={t.auth.signUpLead}
      foot={
        <>
          {t.auth.haveAccount}{" "}
          <Link href="/sign-in" className="font-medium text-accent hover:underline">
            {t.auth.signIn}
          </Link>
        </>
      }
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <FormProblem error={signUp.error} />
        <TextField
          label={t.auth.name}
          name="name"
          autoComplete="name"
          required
          error={fields.errors.name}
          onChange={fields.clear}
        />
        <TextField
          label={t.auth.email}
          name="email"
          type="email"
          inputMode="email"
          autoComplete="email"
          autoCapitalize="none"
          spellCheck={false}
          required
          error={fields.errors.email}
          onChange={fields.clear}
        />
        <PasswordField
          label={t.auth.password}
          name="password"
          autoComplete="new-password"
          required
          hint={t.auth.passwordHint}
          error={fields.errors.password}
          onChange={(event) => {
            setPassword(event.target.value);
            fields.clear(event);
          }}
        >
          <StrengthMeter password={password} />
        </PasswordField>
        <Button type="submit" look="primary" busy={signUp.pending}>
          {t.auth.createAccount}
        </Button>
      </form>
    </AuthFrame>
  );
}
