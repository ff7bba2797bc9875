"use client";
import { useState } from "react";
import { useKeys } from "@/features/access/queries";
import { askPasswordLink } from "@/features/auth/calls";
import { FormProblem } from "@/features/auth/FormProblem";
import { useFieldErrors, values } from "@/features/auth/fields";
import { KeysToo } from "@/features/auth/KeysToo";
import { NewPasswordField, passwordFault } from "@/features/auth/NewPasswordField";
import { SubmitButton } from "@/features/auth/SubmitButton";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { PasswordField } from "@/ui/PasswordField";
import { changePassword } from "./calls";
import { useChange } from "./queries";

const p = t.security.password;

/** Changes the password by the present one; whoever lacks it has a link mailed. */
export default function PasswordDialog({ email, onClose }: { email: string; onClose(): void }) {
  const change = useChange(changePassword, { said: p.done, after: onClose });
  const link = useAction(askPasswordLink);
  const [endKeys, setEndKeys] = useState(false);
  const keys = useKeys().data?.filter((key) => key.state === "active") ?? [];
  const wrong = isProblem(change.error) && change.error.code === "invalid_credentials";
  const refused = isProblem(change.error) ? change.error.fields : {};
  const chosen = refused.new ?? refused.password;
  const fields = useFieldErrors({ ...(wrong && { old: p.wrong }), ...(chosen && { new: chosen }) });
  return (
    <Dialog open onClose={onClose} title={p.change}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const given = values(event.currentTarget, ["old", "new"]);
          const fault = passwordFault(given.new);
          const faults = {
            ...(!given.old && { old: t.auth.required.password }),
            ...(fault && { new: fault }),
          };
          if (fields.check(event.currentTarget, faults) && !change.isPending)
            change.mutate({ old: given.old ?? "", new: given.new ?? "", end_api_keys: endKeys });
        }}
      >
        <input hidden type="text" name="username" autoComplete="username" value={email} readOnly />
        {!wrong && <FormProblem error={change.error} />}
        <PasswordField
          label={p.old}
          name="old"
          autoComplete="current-password"
          required
          error={fields.errors.old}
          onChange={fields.clear}
        />
        <NewPasswordField label={p.next} name="new" error={fields.errors.new} onChange={fields.clear} />
        <KeysToo checked={endKeys} hint={p.keys(keys.map((key) => key.name))} onChange={setEndKeys} />
        <div className="flex flex-col gap-2 border-t border-line pt-4 text-muted">
          <p role="status">{link.done ? p.mailed(email) : p.forgot}</p>
          <FormProblem error={link.error} />
          {!link.done && (
            <Button className="self-start" busy={link.pending} onClick={() => void link.start(email)}>
              {p.mail}
            </Button>
          )}
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <SubmitButton busy={change.isPending} error={change.error}>
            {p.change}
          </SubmitButton>
        </div>
      </form>
    </Dialog>
  );
}
