"use client";
import { Check } from "lucide-react";
import { useState } from "react";
import { useAllMembers } from "@/features/organization/queries";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import Confirm from "@/ui/Confirm";
import { Dialog } from "@/ui/Dialog";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { deleteRole, type Permission, type Role } from "./calls";
import { areaName } from "./PermissionPicker";
import { grouped } from "./patterns";
import { useChange, usePermissions } from "./queries";
import { titleOf } from "./roleTitles";

const r = t.access.roles;
const MOST_NAMES = 8;

/** One role: what it may do, and who has it. */
export default function RoleDialog(props: { role: Role; onEdit(): void; onClose(): void }) {
  const { role, onEdit, onClose } = props;
  const permissions = usePermissions();
  const may = useMay();
  const [deleting, setDeleting] = useState(false);
  const remove = useChange(["roles"], () => deleteRole(role.id ?? ""));
  const own = !role.built_in && may("kernel.roles.write");
  if (deleting)
    return (
      <Confirm
        open
        danger
        title={r.deleteTitle(titleOf(role))}
        text={r.deleteText}
        action={r.deleteAction}
        busy={remove.isPending}
        onClose={() => setDeleting(false)}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              toast(r.deleted(titleOf(role)));
              onClose();
            },
          })
        }
      >
        {remove.error && (
          <div className="mt-4">
            <ProblemNotice error={remove.error} />
          </div>
        )}
      </Confirm>
    );
  return (
    <Dialog open title={titleOf(role)} onClose={onClose}>
      <h3 className="font-medium">{r.whoTitle}</h3>
      <Who role={role} />
      <h3 className="mt-5 mb-1 font-medium">{r.may}</h3>
      <Loaded of={permissions}>{(known) => <Effective known={known} held={role.permissions} />}</Loaded>
      {own && (
        <div className="mt-5 flex flex-wrap justify-end gap-2">
          <Button onClick={() => setDeleting(true)}>{r.delete}</Button>
          <Button look="primary" onClick={onEdit}>
            {r.edit}
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function Who({ role }: { role: Role }) {
  const members = useAllMembers();
  if (role.members === 0) return <p className="text-muted">{r.nobody}</p>;
  const named = (members.data ?? []).filter((member) => member.role === role.name);
  const rest = role.members - Math.min(named.length, MOST_NAMES);
  return (
    <p className="text-muted">
      {named
        .slice(0, MOST_NAMES)
        .map((member) => member.name)
        .join(", ")}
      {rest > 0 && ` ${named.length > 0 ? r.more(rest) : r.members(rest)}`}
    </p>
  );
}

/** What patterns come to, by area, in sentences. */
export function Effective({ known, held }: { known: readonly Permission[]; held: readonly string[] }) {
  const holds = new Set(held);
  const effective = known.filter(({ permission }) => holds.has(permission));
  if (effective.length === 0) return <p className="text-muted">{r.previewNone}</p>;
  return grouped(effective).map(({ area, resources }) => (
    <section key={area} className="mt-2">
      <h4 className="text-xs text-muted">{areaName(area)}</h4>
      <ul className="mt-1 flex flex-col gap-1">
        {resources.flatMap(({ items }) =>
          items.map(({ permission, meaning }) => (
            <li key={permission} className="flex items-start gap-2" title={permission}>
              <Check size={15} aria-hidden className="mt-0.5 shrink-0 text-ok" />
              {meaning}
            </li>
          )),
        )}
      </ul>
    </section>
  ));
}
