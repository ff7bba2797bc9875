"use client";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { Link, useNavigate, useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { TextField } from "@/ui/Field";
import { AuthFrame } from "./AuthFrame";
import { register } from "./calls";
import { EmailField } from "./EmailField";
import { FormProblem } from "./FormProblem";
import { EMAIL, useFieldErrors, values } from "./fields";
import { NewPasswordField, passwordFault } from "./NewPasswordField";
import { keepNext } from "./next";
import { rememberPending } from "./pending";
import { SubmitButton } from "./SubmitButton";

function faults({ name, email, password }: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  if (!name?.trim()) found.name = t.auth.required.name;
  if (!email) found.email = t.auth.required.email;
  else if (!EMAIL.test(email)) found.email = t.auth.emailForm;
  const fault = passwordFault(password);
  if (fault) found.password = fault;
  return found;
}

export function SignUpScreen() {
  const navigate = useNavigate();
  const [query] = useQueryState();
  const signUp = useAction(register, {
    onSuccess: ({ registration }, { email }) => {
      rememberPending(email, registration);
      navigate.to(keepNext("/verify-email", query));
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
          <Link href={keepNext("/sign-in", query)} className="font-medium text-accent hover:underline">
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
        <EmailField error={fields.errors.email} onChange={fields.clear} />
        <NewPasswordField
          label={t.auth.password}
          name="password"
          error={fields.errors.password}
          onChange={fields.clear}
        />
        <SubmitButton busy={signUp.pending} error={signUp.error}>
          {t.auth.createAccount}
        </SubmitButton>
      </form>
    </AuthFrame>
  );
}
