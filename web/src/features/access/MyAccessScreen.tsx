"use client";
import { useMemo } from "react";
import { deviceDay } from "@/lib/format";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import type { Permission } from "./calls";
import { useNames } from "./names";
import { areaName } from "./PermissionPicker";
import { grouped } from "./patterns";
import { useGrants, usePermissions } from "./queries";
import { useRoleTitle } from "./roleTitles";
import { grantsIn, type Reason, reasons } from "./sources";

const m = t.access.mine;
type Row = Permission & Reason;

/** What one may do here, and why. */
export function MyAccessScreen() {
  const me = useMe();
  const permissions = usePermissions();
  const titleOf = useRoleTitle();
  const why = useWhy();
  const held = me.data?.permissions ?? [];
  const shared = grantsIn(held);
  const rows = useMemo(() => rowsOf(permissions.data ?? [], me.data?.permissions ?? []), [permissions, me]);
  return (
    <>
      <PageHeader title={m.title} lead={m.lead(me.data?.organization.name ?? "…")} />
      <Loaded of={permissions}>
        {() => (
          <>
            <p className="mb-4">
              {m.sentence(rows.length, titleOf(me.data?.account.role ?? ""))}
              {shared > 0 && m.shared(shared)}
            </p>
            <div className="flex flex-col gap-4">
              {grouped(rows).map(({ area, resources }) => (
                <section key={area} className="rounded-xl border border-line bg-surface">
                  <h2 className="border-b border-line px-5 py-3 font-semibold">{areaName(area)}</h2>
                  <ul className="divide-y divide-line">
                    {resources.flatMap(({ items }) =>
                      items.map((row) => (
                        <li
                          key={row.permission}
                          className="grid gap-x-6 gap-y-1 px-5 py-3 sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
                        >
                          <span>
                            {row.meaning}
                            <code className="block font-mono text-xs text-muted">{row.permission}</code>
                          </span>
                          <ul className="text-muted" aria-label={m.why}>
                            {row.sources.map((source) => (
                              <li key={`${source.kind}:${source.of}`}>{why(source)}</li>
                            ))}
                          </ul>
                        </li>
                      )),
                    )}
                  </ul>
                </section>
              ))}
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

function rowsOf(known: readonly Permission[], held: Parameters<typeof reasons>[0]): Row[] {
  const found = new Map(reasons(held).map((reason) => [reason.permission, reason]));
  return known.flatMap((permission) => {
    const reason = found.get(permission.permission);
    return reason ? [{ ...permission, ...reason }] : [];
  });
}

function useWhy(): (source: { kind: string; of: string }) => string {
  const titleOf = useRoleTitle();
  const grants = useGrants();
  const nameOf = useNames();
  return ({ kind, of }) => {
    if (kind === "role") return m.role(titleOf(of));
    if (kind !== "grant") return m.key;
    const grant = grants.data?.find(({ id }) => id === of);
    if (!grant) return m.grantEnded;
    return m.grant(nameOf(grant.granted_by), grant.expires_at ? deviceDay(grant.expires_at) : null);
  };
}
