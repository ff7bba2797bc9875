"use client";
import { useSyncExternalStore } from "react";
import type { Proposal } from "./calls";

const KEY = "rowhouse.declined";
const MOST = 50;
const listeners = new Set<() => void>();
const NOTHING: readonly string[] = [];
let known: readonly string[] | null = null;

export const declinedAs = ({ kind, value, valid_from }: Proposal) => `${kind} ${value} ${valid_from}`;

/** Kept in this browser: a proposal is made anew of the data each time, and one that says more is another. */
function read(): readonly string[] {
  if (known) return known;
  try {
    known = JSON.parse(localStorage.getItem(KEY) ?? "[]") as string[];
  } catch {
    known = NOTHING;
  }
  return known;
}

function keep(next: readonly string[]): void {
  known = next.slice(-MOST);
  localStorage.setItem(KEY, JSON.stringify(known));
  for (const listener of listeners) listener();
}

export const decline = (proposal: Proposal) => keep([...read(), declinedAs(proposal)]);
export const takeBack = (proposal: Proposal) => keep(read().filter((one) => one !== declinedAs(proposal)));

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The proposals that were not declined here. */
export function useOpen(proposals: readonly Proposal[]): readonly Proposal[] {
  const declined = useSyncExternalStore(subscribe, read, () => NOTHING);
  return proposals.filter((proposal) => !declined.includes(declinedAs(proposal)));
}
