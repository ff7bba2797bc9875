"use client";
import { useMemo } from "react";
import { useMe } from "./session";

/** Tells whether the account may do something: pages leave out what they can't offer, the API alone decides. */
export function useMay(): (permission: string) => boolean {
  const me = useMe();
  return useMemo(() => {
    const held = new Set(me.data?.permissions.map(({ permission }) => permission));
    return (permission) => held.has(permission);
  }, [me.data]);
}

export type Tab = readonly [href: string, text: string, permission?: string];

/** The tabs whose pages the account may open; all of them until that is known, so that none pops in between others. */
export function useTabs(tabs: readonly Tab[]): readonly Tab[] {
  const may = useMay();
  const { data } = useMe();
  return data ? tabs.filter(([, , permission]) => permission === undefined || may(permission)) : tabs;
}
