import type { Me } from "@/lib/api";

/** The bare address, which leads everybody to their own first page. */
export const START = "/";

/** Pages about one's own training, unless their address names an athlete. */
const OWN = [
  "/today",
  "/workouts",
  "/calendar",
  "/load",
  "/biometrics",
  "/thresholds",
  "/sources",
  "/sources/order",
  "/uploads",
  "/duplicates",
];

/** Where to send an account that has opened a page about its own training and has none; null where it may stay. */
export function elsewhere(me: Pick<Me, "permissions">, path: string, athlete?: string): string | null {
  const start = startOf(me);
  if (start === "/today" || !OWN.includes(path) || athlete) return null;
  return start;
}

/** Where an account begins: with its training, with that of others, or with what it may see of the organization. */
export function startOf({ permissions }: Pick<Me, "permissions">): string {
  const may = (wanted: string) => permissions.some(({ permission }) => permission === wanted);
  if (may("fitness.workouts.write")) return "/today";
  if (may("fitness.workouts.read")) return "/athletes";
  return may("kernel.audit.read") ? "/organization/audit" : "/organization/members";
}
