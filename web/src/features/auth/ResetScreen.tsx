"use client";
import { useState } from "react";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { sessionEnded } from "@/lib/api/session";
import { useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { AuthFrame } from "./AuthFrame";
import { resetPassword } from "./calls";
import { DeadLink } from "./DeadLink";
import { FormProblem } from "./FormProblem";
import { useFieldErrors, values } from "./fields";
import { useFragment } from "./fragment";
import { KeysToo } from "./KeysToo";
import { NewPasswordField, passwordFault } from "./NewPasswordField";
import { SubmitButton } from "./SubmitButton";

/** Where the mailed link for a new password leads. */
export function ResetScreen() {
  const navigate = useNavigate();
  const brought = useFragment();
  const token = brought?.token ?? "";
  const [endKeys, setEndKeys] = useState(true);
  const start = (password: string) => resetPassword({ token, password, end_api_keys: endKeys });
  const reset = useAction(start, {
    onSuccess: () => {
      sessionEnded();
      navigate.replace("/sign-in?changed=1");
    },
  });
  const fields = useFieldErrors(isProblem(reset.error) ? reset.error.fields : {});
  const dead = isProblem(reset.error) && reset.error.code === "invalid_token";
  if (dead || (brought && !token))
    return (
      <DeadLink
        title={t.ways.resetTitle}
        text={dead ? t.ways.linkOver : t.ways.linkMissing}
        href="/forgot-password"
        action={t.ways.newLink}
      />
    );
  return (
    <AuthFrame title={t.ways.resetTitle} lead={t.ways.resetLead}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const { password = "" } = values(event.currentTarget, ["password"]);
          const fault = passwordFault(password);
          if (fields.check(event.currentTarget, fault ? { password: fault } : {}) && token)
            reset.start(password);
        }}
      >
        <FormProblem error={reset.error} />
        <NewPasswordField
          label={t.ways.resetLabel}
          name="password"
          error={fields.errors.password}
          onChange={fields.clear}
        />
        <KeysToo checked={endKeys} hint={t.ways.resetKeys} onChange={setEndKeys} />
        <SubmitButton busy={reset.pending} error={reset.error}>
          {t.ways.resetAction}
        </SubmitButton>
      </form>
    </AuthFrame>
  );
}
