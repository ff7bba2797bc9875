"use client";
import { useRef } from "react";
import { FormProblem } from "@/features/auth/FormProblem";
import { useFieldErrors, values } from "@/features/auth/fields";
import { Told } from "@/features/auth/passkey";
import { SubmitButton } from "@/features/auth/SubmitButton";
import { elsewhere, type Json, makePasskey, wasDeclined } from "@/features/auth/webauthn";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { addPasskey, newPasskeyOptions } from "./calls";
import { suggestedName } from "./passkeyName";
import { useChange } from "./queries";

const s = t.security.passkeys;

/** A name, then the browser's own dialog. The options that opened this serve the first try; another asks for new ones. */
export default function AddPasskeyDialog({ options, onClose }: { options: Json; onClose(): void }) {
  const fresh = useRef<Json | null>(options);
  const add = useChange(
    async (name: string) => {
      const asked = fresh.current ?? (await newPasskeyOptions());
      fresh.current = null;
      const origin = elsewhere(asked, new URL(window.location.href));
      if (origin) throw new Told(s.elsewhere(origin));
      return addPasskey(name, await makePasskey(asked));
    },
    { said: s.added, after: onClose },
  );
  const fields = useFieldErrors(isProblem(add.error) ? add.error.fields : {});
  return (
    <Dialog open onClose={onClose} title={s.addTitle}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const name = values(event.currentTarget, ["name"]).name?.trim() ?? "";
          if (fields.check(event.currentTarget, name ? {} : { name: s.nameEmpty }) && !add.isPending)
            add.mutate(name);
        }}
      >
        <p className="text-pretty text-muted">{s.addText}</p>
        <FormProblem error={add.error} text={trouble(add.error)} />
        <TextField
          label={s.name}
          name="name"
          maxLength={100}
          defaultValue={suggestedName(navigator.userAgent)}
          autoComplete="off"
          error={fields.errors.name}
          onChange={fields.clear}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <SubmitButton busy={add.isPending} error={add.error}>
            {s.next}
          </SubmitButton>
        </div>
      </form>
    </Dialog>
  );
}

function trouble(error: unknown): string | null {
  if (error instanceof Told) return error.message;
  if (error instanceof DOMException && error.name === "InvalidStateError") return s.known;
  if (wasDeclined(error) || error instanceof DOMException) return s.declined;
  return null;
}
