"use client";
import { Check } from "lucide-react";
import { Fragment } from "react";
import * as t from "@/texts/en";
import type { Permission, Role } from "./calls";
import { areaName } from "./PermissionPicker";
import { grouped } from "./patterns";
import { titleOf } from "./roleTitles";

const r = t.access.roles;

/** Every permission against every role. */
export function RoleMatrix({ roles, permissions }: { roles: Role[]; permissions: Permission[] }) {
  const held = new Map(roles.map((role) => [role.name, new Set(role.permissions)]));
  return (
    // biome-ignore lint/a11y/useSemanticElements: it only scrolls, it groups no form fields
    <div
      role="group"
      aria-label={r.compare}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative overflow-x-auto rounded-xl border border-line bg-surface -outline-offset-2!"
    >
      <table className="w-full border-collapse">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            <th scope="col" className="sticky left-0 bg-surface px-4 py-2.5 text-left font-medium">
              {r.permission}
            </th>
            {roles.map((role) => (
              <th
                key={role.name}
                scope="col"
                className="px-3 py-2.5 text-center font-medium whitespace-nowrap"
              >
                {titleOf(role)}
              </th>
            ))}
          </tr>
        </thead>
        {grouped(permissions).map(({ area, resources }) => (
          <tbody key={area} className="divide-y divide-line border-b border-line last:border-b-0">
            <tr>
              <th
                scope="rowgroup"
                colSpan={roles.length + 1}
                className="bg-sunken px-4 py-2 text-left text-xs font-medium"
              >
                {areaName(area)}
              </th>
            </tr>
            {resources.map(({ resource, items }) => (
              <Fragment key={resource}>
                {items.map(({ permission, meaning }) => (
                  <tr key={permission}>
                    <th
                      scope="row"
                      className="sticky left-0 min-w-44 bg-surface px-4 py-2 text-left font-normal md:min-w-56"
                    >
                      {meaning}
                      <code className="block font-mono text-xs text-muted max-md:hidden">{permission}</code>
                    </th>
                    {roles.map((role) => (
                      <td key={role.name} className="px-3 py-2 text-center">
                        {held.get(role.name)?.has(permission) ? (
                          <>
                            <Check size={16} aria-hidden className="inline text-ok" />
                            <span className="sr-only">{r.yes}</span>
                          </>
                        ) : (
                          <>
                            <span aria-hidden className="text-muted">
                              –
                            </span>
                            <span className="sr-only">{r.no}</span>
                          </>
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </Fragment>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}
