import type { Me } from "@/lib/api";

/** The bare address, which leads everybody to their own first page. */
export const START = "/";

/** Where an account begins: with its training, with that of others, or with what it may see of the organization. */
export function startOf({ permissions }: Pick<Me, "permissions">): string {
  const may = (wanted: string) => permissions.some(({ permission }) => permission === wanted);
  if (may("fitness.workouts.write")) return "/today";
  if (may("fitness.workouts.read")) return "/athletes";
  return may("kernel.audit.read") ? "/organization/audit" : "/organization/members";
}
