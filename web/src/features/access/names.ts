"use client";
import { useMemo } from "react";
import { useAllMembers } from "@/features/organization/queries";
import * as t from "@/texts/en";

/** The names of the organization's accounts. */
export function useNames(): (account: string) => string {
  const members = useAllMembers();
  return useMemo(() => {
    const names = new Map(members.data?.map((member) => [member.account_id, member.name]));
    return (account) => names.get(account) ?? (members.data ? t.access.sharing.somebody : "…");
  }, [members.data]);
}
