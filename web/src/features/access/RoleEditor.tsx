"use client";
import { type FormEvent, useState } from "react";
import { isProblem } from "@/lib/api";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { editRole, makeRole, type Permission, type Role } from "./calls";
import { PermissionPicker } from "./PermissionPicker";
import { effective } from "./patterns";
import { useChange, usePermissions, useRoles } from "./queries";
import { Effective } from "./RoleDialog";
import { roleNameOf } from "./roleName";

const r = t.access.roles;

/** Makes a role (`role` null) or changes one, with what it comes to before it is saved. */
export default function RoleEditor({ role, onClose }: { role: Role | null; onClose(): void }) {
  const permissions = usePermissions();
  return (
    <Dialog open title={role ? r.editor(role.title) : r.editorNew} onClose={onClose}>
      <Loaded of={permissions}>{(known) => <Form role={role} known={known} onClose={onClose} />}</Loaded>
    </Dialog>
  );
}

function Form({ role, known, onClose }: { role: Role | null; known: Permission[]; onClose(): void }) {
  const roles = useRoles();
  const may = useMay();
  const [title, setTitle] = useState(role?.title ?? "");
  const [holds, setHolds] = useState<string[]>(role?.holds ?? []);
  const [checked, setChecked] = useState(false);
  const taken = roles.data?.map(({ name }) => name) ?? [];
  const save = useChange(["roles", "me"], () =>
    role?.id
      ? editRole(role.id, { title: title.trim(), holds })
      : makeRole({ name: roleNameOf(title, taken), title: title.trim(), holds }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!title.trim() || holds.length === 0 || save.isPending) return;
    save.mutate(undefined, {
      onSuccess: (saved) => {
        toast(role ? r.saved(saved.title) : r.made(saved.title));
        onClose();
      },
    });
  };
  const fields = isProblem(save.error) ? save.error.fields : {};
  return (
    <form noValidate className="flex flex-col gap-5" onSubmit={submit}>
      <TextField
        label={r.titleLabel}
        hint={r.titleHint}
        maxLength={100}
        value={title}
        error={checked && !title.trim() ? r.titleMissing : fields.title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <PermissionPicker
        label={r.holds}
        permissions={known}
        value={holds}
        may={may}
        error={checked && holds.length === 0 ? t.access.picker.none : fields.holds}
        onChange={setHolds}
      />
      <section aria-live="polite" className="rounded-lg bg-sunken p-4">
        <h3 className="font-medium">{r.preview}</h3>
        <Effective
          known={known}
          held={effective(
            holds,
            known.map(({ permission }) => permission),
          )}
        />
      </section>
      {role && role.members > 0 && <p className="text-muted">{r.counts(role.members)}</p>}
      {save.error && <ProblemNotice error={save.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" look="primary" busy={save.isPending}>
          {r.save}
        </Button>
      </div>
    </form>
  );
}
