/** Where a permission comes from, as `GET /auth/me` says it: `role:owner`, `grant:<id>`, `key:<id>`. */
export type Held = { permission: string; source: string };
export type Reason = { permission: string; sources: { kind: string; of: string }[] };

/** Every permission once, with all its sources, the role's first. */
export function reasons(held: readonly Held[]): Reason[] {
  const found = new Map<string, Reason>();
  for (const { permission, source } of held) {
    const reason = found.get(permission) ?? { permission, sources: [] };
    const colon = source.indexOf(":");
    reason.sources.push({ kind: source.slice(0, colon), of: source.slice(colon + 1) });
    found.set(permission, reason);
  }
  for (const { sources } of found.values())
    sources.sort((a, b) => Number(a.kind === "grant") - Number(b.kind === "grant"));
  return [...found.values()];
}

export const grantsIn = (held: readonly Held[]) =>
  new Set(held.filter(({ source }) => source.startsWith("grant:")).map(({ source }) => source)).size;
