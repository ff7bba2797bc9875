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
