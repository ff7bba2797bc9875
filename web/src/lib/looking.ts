"use client";
import { useMemo, useSyncExternalStore } from "react";
import { forgetLooking, keepLooking, lookingNote, onLooking } from "@/lib/api/looking";

/** As whom an operator looks; what is missing nobody told this browser. */
export type Looking = { name?: string; organization?: string; organizationId?: string; until?: string };

const read = (note: string): Looking => {
  try {
    return JSON.parse(note) as Looking;
  } catch {
    return {};
  }
};

/** Null for everybody who acts for themselves. */
export function useLooking(): Looking | null {
  const note = useSyncExternalStore(onLooking, lookingNote, () => null);
  return useMemo(() => (note === null ? null : read(note)), [note]);
}

export const beginLooking = (looking: Looking) => keepLooking(JSON.stringify(looking));
export const endLooking = forgetLooking;

/** Where an operator came from; null for everybody else. */
export function operatorsWayBack(): string | null {
  const note = lookingNote();
  if (note === null) return null;
  const id = read(note).organizationId;
  return id ? `/operator/organizations/${id}` : "/operator";
}
