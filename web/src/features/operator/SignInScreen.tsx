"use client";
import { type FormEvent, useState } from "react";
import { AuthFrame } from "@/features/auth/AuthFrame";
import { FormProblem } from "@/features/auth/FormProblem";
import { useFieldErrors, values } from "@/features/auth/fields";
import { Note } from "@/features/auth/Note";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { useNavigate, useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { PasswordField } from "@/ui/PasswordField";
import { signInOperator } from "./calls";

const o = t.operator;
const NAMES = ["email", "password", "code"] as const;
type Given = Record<(typeof NAMES)[number], string>;

/** Email, password and code at once: whatever is wrong, the answer is the same. */
export function OperatorSignInScreen() {
  const navigate = useNavigate();
  const [query] = useQueryState();
  const [code, setCode] = useState("");
  const signIn = useAction(signInOperator, {
    onSuccess: () => navigate.replace("/operator"),
    onError: () => setCode(""),
  });
  const refused = isProblem(signIn.error) && signIn.error.status === 401 ? signIn.error.message : null;
  const { errors, check, clear } = useFieldErrors(isProblem(signIn.error) ? signIn.error.fields : {});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (signIn.pending) return;
    const given = values(event.currentTarget, NAMES) as Given;
    const faults = Object.fromEntries(
      NAMES.filter((name) => !given[name].trim()).map((name) => [name, o.required[name]]),
    );
    if (given.code && !/^\d{6}$/.test(given.code.trim())) faults.code = o.codeForm;
    if (check(event.currentTarget, faults)) void signIn.start({ ...given, code: given.code.trim() });
  };
  return (
    <AuthFrame title={o.signInTitle} lead={o.signInLead}>
      <form noValidate className="flex flex-col gap-4" onSubmit={submit} onInput={clear}>
        {query.ended && signIn.error === null && <Note>{o.ended}</Note>}
        <FormProblem error={signIn.error} text={refused} />
        <TextField
          label={o.email}
          name="email"
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          error={errors.email}
        />
        <PasswordField
          label={o.password}
          name="password"
          autoComplete="current-password"
          error={errors.password}
        />
        <TextField
          label={o.code}
          name="code"
          hint={o.codeHint}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          className="figures"
          value={code}
          error={errors.code}
          onChange={(event) => setCode(event.target.value)}
        />
        <Button type="submit" look="primary" busy={signIn.pending}>
          {o.signIn}
        </Button>
      </form>
    </AuthFrame>
  );
}
