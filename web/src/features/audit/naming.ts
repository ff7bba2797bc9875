import { words } from "@/lib/format";
import * as t from "@/texts/en";
import type { Entry } from "./calls";

const VERBS: Readonly<Record<string, string>> = { insert: "added", update: "changed", delete: "deleted" };

/** "kernel.accounts.update" → "Accounts changed", "auth.sign_in" → "Auth: sign in" */
export function actionName(action: string): string {
  const parts = action.split(".");
  const verb = VERBS[parts.at(-1) ?? ""];
  if (verb && parts.length === 3) return `${words(parts[1] ?? "")} ${verb}`;
  const [area = "", ...rest] = parts;
  return `${words(area)}: ${rest.join(" ").replaceAll("_", " ")}`;
}

/** Who did it, as far as there is somebody and they are known. */
export function actorName({ actor, operator_id }: Pick<Entry, "actor" | "operator_id">): string {
  if (actor) return actor.name ?? t.audit.former;
  return operator_id ? t.audit.operator : t.audit.system;
}

/** A value of a column as one reads it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return t.audit.entry.nothing;
  return typeof value === "string" ? value : JSON.stringify(value);
}
