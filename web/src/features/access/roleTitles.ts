"use client";
import { useMemo } from "react";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import type { Role } from "./calls";
import { useRoles } from "./queries";

export const titleOf = (role: Pick<Role, "name" | "title" | "built_in">) =>
  (role.built_in && t.shell.roles[role.name]) || role.title;

/** The name that people know a role by. */
export function useRoleTitle(): (name: string) => string {
  const roles = useRoles();
  return useMemo(() => {
    const titles = new Map(roles.data?.map((role) => [role.name, titleOf(role)]));
    return (name) => titles.get(name) ?? t.shell.roles[name] ?? name;
  }, [roles.data]);
}

/** The roles that one may give: those whose permissions one holds oneself. */
export function useGivableRoles(): (readonly [name: string, title: string])[] {
  const roles = useRoles();
  const may = useMay();
  return useMemo(
    () =>
      (roles.data ?? [])
        .filter((role) => role.permissions.every(may))
        .map((role) => [role.name, titleOf(role)] as const),
    [roles.data, may],
  );
}
