"use client";
import { useSyncExternalStore } from "react";
import { mayBeSignedIn } from "@/lib/api/session";

const never = () => () => {};

/** Whether this browser has signed in; null while the page is still the server's static one. */
export function useSignedInBefore(): boolean | null {
  return useSyncExternalStore<boolean | null>(never, mayBeSignedIn, () => null);
}
