"use client";
import { type FormEvent, useState } from "react";
import { isProblem } from "@/lib/api";
import { inDays } from "@/lib/later";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Select } from "@/ui/Select";
import { makeKey, type NewApiKey, type Permission } from "./calls";
import { PermissionPicker } from "./PermissionPicker";
import { useChange, usePermissions } from "./queries";
import { SecretOnce } from "./SecretOnce";

const k = t.access.keys;
const QUARTER = "90";

export default function NewKey({ onClose }: { onClose(): void }) {
  const permissions = usePermissions();
  const may = useMay();
  const [made, setMade] = useState<NewApiKey | null>(null);
  if (made) return <SecretOnce made={made} onClose={onClose} />;
  return (
    <Dialog open title={k.dialogTitle} onClose={onClose}>
      {/* Nearly as high as what comes: it must not jump under the pointer. */}
      <div className={permissions.isPending ? "min-h-[75dvh]" : undefined}>
        <Loaded of={permissions}>
          {(known) => (
            <Form
              known={known.filter(({ permission }) => may(permission))}
              onMade={setMade}
              onClose={onClose}
            />
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

type FormProps = { known: Permission[]; onMade(key: NewApiKey): void; onClose(): void };

function Form({ known, onMade, onClose }: FormProps) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<string[]>([]);
  const [days, setDays] = useState(QUARTER);
  const [checked, setChecked] = useState(false);
  const make = useChange(["keys"], () =>
    makeKey({ name: name.trim(), permissions: scope, expires_at: inDays(days) }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (name.trim() && scope.length > 0 && !make.isPending) make.mutate(undefined, { onSuccess: onMade });
  };
  const fields = isProblem(make.error) ? make.error.fields : {};
  return (
    <form noValidate className="flex flex-col gap-5" onSubmit={submit}>
      <TextField
        label={k.name}
        hint={k.nameHint}
        maxLength={100}
        value={name}
        error={checked && !name.trim() ? k.nameMissing : fields.name}
        onChange={(event) => setName(event.target.value)}
      />
      <Select
        label={k.expiresLabel}
        options={Object.entries(k.terms)}
        value={days}
        onChange={(event) => setDays(event.target.value)}
      />
      <PermissionPicker
        label={k.scopeLabel}
        permissions={known}
        value={scope}
        may={() => true}
        error={checked && scope.length === 0 ? t.access.picker.none : fields.permissions}
        onChange={setScope}
      />
      {make.error && <ProblemNotice error={make.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" look="primary" busy={make.isPending}>
          {k.createAction}
        </Button>
      </div>
    </form>
  );
}
