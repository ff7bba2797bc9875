"use client";
import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useQueryState } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Choices } from "@/ui/Choices";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import type { Role } from "./calls";
import { usePermissions, useRoles } from "./queries";
import { RoleMatrix } from "./RoleMatrix";
import { titleOf } from "./roleTitles";

const RoleDialog = lazy(() => import("./RoleDialog"));
const RoleEditor = lazy(() => import("./RoleEditor"));
const r = t.access.roles;

/** Built-in and own roles, as a list or side by side; the role that is open stands in the address. */
export function RolesScreen() {
  const roles = useRoles();
  const permissions = usePermissions();
  const may = useMay();
  const [query, setQuery] = useQueryState();
  const [editing, setEditing] = useState<Role | "new" | null>(null);
  const open = roles.data?.find((role) => role.name === query.role);
  const compare = query.view === "compare";
  return (
    <>
      <PageHeader title={r.title} lead={r.lead}>
        <div className="flex flex-wrap items-center gap-2">
          <Choices
            label={r.view}
            hideLabel
            value={compare ? "compare" : "list"}
            options={[
              ["list", r.list],
              ["compare", r.compare],
            ]}
            onChange={(view) => setQuery({ view: view === "compare" ? view : "" })}
          />
          {may("kernel.roles.write") && (
            <Button look="primary" onClick={() => setEditing("new")}>
              <Plus size={16} aria-hidden />
              {r.create}
            </Button>
          )}
        </div>
      </PageHeader>
      <Loaded of={roles}>
        {(found) =>
          compare ? (
            <Loaded of={permissions}>{(known) => <RoleMatrix roles={found} permissions={known} />}</Loaded>
          ) : (
            <RoleList
              roles={found}
              all={permissions.data?.length ?? null}
              onOpen={(role) => setQuery({ role: role.name })}
            />
          )
        }
      </Loaded>
      <Suspense>
        {open && !editing && (
          <RoleDialog role={open} onEdit={() => setEditing(open)} onClose={() => setQuery({ role: "" })} />
        )}
        {editing && <RoleEditor role={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
      </Suspense>
    </>
  );
}

function RoleList({ roles, all, onOpen }: { roles: Role[]; all: number | null; onOpen(role: Role): void }) {
  return (
    <>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {roles.map((role) => (
          <li key={role.name}>
            <button
              type="button"
              onClick={() => onOpen(role)}
              aria-haspopup="dialog"
              className="flex h-full w-full flex-col items-start gap-2 rounded-xl border border-line bg-surface p-4 text-left hover:border-control"
            >
              <span className="flex w-full items-center justify-between gap-2">
                <span className="min-w-0 truncate font-semibold">{titleOf(role)}</span>
                <Chip tone={role.built_in ? "plain" : "accent"} fixed>
                  {role.built_in ? r.builtIn : r.own}
                </Chip>
              </span>
              <span className="figures text-muted">
                {r.members(role.members)} ·{" "}
                {all === null
                  ? t.access.permissions(role.permissions.length)
                  : t.access.ofAll(role.permissions.length, all)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {roles.every((role) => role.built_in) && (
        <div className="mt-6">
          <Empty title={r.ownEmptyTitle} text={r.ownEmptyText} />
        </div>
      )}
    </>
  );
}
