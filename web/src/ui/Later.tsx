"use client";
import { type ReactNode, Suspense, useSyncExternalStore } from "react";

const never = () => () => {};

/** What the page can do without at first: loaded after it, in a place that is kept free (`place` gives its size). */
export function Later({ place, children }: { place: string; children: ReactNode }) {
  const awake = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const free = <div className={place} />;
  return awake ? <Suspense fallback={free}>{children}</Suspense> : free;
}
