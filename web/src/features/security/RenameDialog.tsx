"use client";
import { FormProblem } from "@/features/auth/FormProblem";
import { useFieldErrors, values } from "@/features/auth/fields";
import { SubmitButton } from "@/features/auth/SubmitButton";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { type Passkey, renamePasskey } from "./calls";
import { useChange } from "./queries";

const s = t.security.passkeys;

export default function RenameDialog({ passkey, onClose }: { passkey: Passkey; onClose(): void }) {
  const rename = useChange((name: string) => renamePasskey(passkey.id, name), {
    said: s.renamed,
    after: onClose,
  });
  const fields = useFieldErrors(isProblem(rename.error) ? rename.error.fields : {});
  return (
    <Dialog open onClose={onClose} title={s.renameTitle}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const name = values(event.currentTarget, ["name"]).name?.trim() ?? "";
          if (fields.check(event.currentTarget, name ? {} : { name: s.nameEmpty }) && !rename.isPending)
            rename.mutate(name);
        }}
      >
        <FormProblem error={rename.error} />
        <TextField
          label={s.name}
          name="name"
          maxLength={100}
          defaultValue={passkey.name}
          autoComplete="off"
          error={fields.errors.name}
          onChange={fields.clear}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <SubmitButton busy={rename.isPending} error={rename.error}>
            {t.common.save}
          </SubmitButton>
        </div>
      </form>
    </Dialog>
  );
}
