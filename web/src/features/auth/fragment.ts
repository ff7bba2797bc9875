"use client";
import { useEffect, useState } from "react";

/** `#token=…&x=…` as its parts. */
export const partsOf = (hash: string): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));

/**
 * What stands behind the # of the address, taken out of it at once: secrets in it stay out of history, bookmarks and
 * screenshots. Null while the page is still the static one.
 */
export function useFragment(): Readonly<Record<string, string>> | null {
  const [parts, setParts] = useState<Readonly<Record<string, string>> | null>(null);
  useEffect(() => {
    const { hash, pathname, search } = window.location;
    setParts((before) => (before && !hash ? before : partsOf(hash)));
    if (hash) window.history.replaceState(null, "", pathname + search);
  }, []);
  return parts;
}
