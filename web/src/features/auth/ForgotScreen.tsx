"use client";
import { useState } from "react";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { AuthFrame } from "./AuthFrame";
import { askPasswordLink } from "./calls";
import { EmailField } from "./EmailField";
import { FormProblem } from "./FormProblem";
import { EMAIL, useFieldErrors, values } from "./fields";
import { LocalMail } from "./LocalMail";
import { Note } from "./Note";
import { SubmitButton } from "./SubmitButton";

/** Asks where to mail a link for a new password; the answer is the same for every address. */
export function ForgotScreen() {
  const [sent, setSent] = useState<string | null>(null);
  const ask = useAction(askPasswordLink, { onSuccess: (_, email) => setSent(email) });
  const fields = useFieldErrors(isProblem(ask.error) ? ask.error.fields : {});
  return (
    <AuthFrame
      title={t.ways.forgotTitle}
      lead={t.ways.forgotLead}
      foot={
        <div className="flex flex-wrap justify-between gap-3">
          <Link href="/sign-in" className="text-accent hover:underline">
            {t.ways.back}
          </Link>
          <LocalMail />
        </div>
      }
    >
      {sent && <Note>{t.ways.forgotDone(sent)}</Note>}
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const { email = "" } = values(event.currentTarget, ["email"]);
          const fault = email ? t.auth.emailForm : t.auth.required.email;
          if (fields.check(event.currentTarget, EMAIL.test(email) ? {} : { email: fault })) ask.start(email);
        }}
      >
        <FormProblem error={ask.error} />
        <EmailField autoComplete="username" error={fields.errors.email} onChange={fields.clear} />
        <SubmitButton busy={ask.pending} error={ask.error}>
          {sent ? t.ways.again : t.ways.forgotAction}
        </SubmitButton>
      </form>
    </AuthFrame>
  );
}
