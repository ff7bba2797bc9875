"use client";
import { useQueryState } from "@/lib/nav";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whose training a page shows: of the athlete that its address names, who shares it; else one's own, which is "". */
export function useAthlete(): string {
  const [{ athlete = "" }] = useQueryState();
  return ID.test(athlete) ? athlete : "";
}

/** The address of a page that shows the athlete's; of one's own where there is none. */
export function addressFor(href: string, athlete: string): string {
  if (!athlete) return href;
  return `${href}${href.includes("?") ? "&" : "?"}athlete=${athlete}`;
}
