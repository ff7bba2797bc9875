/** Kind of job → the queries whose answers it changes, by the first word of their keys. */
export type Changes = Readonly<Record<string, readonly string[]>>;

const known = new Map<string, readonly string[]>();

/** Whoever knows a kind of job says what its end changes, also where nobody here has asked for it: a webhook has, or
 * the clock. */
export function jobsChange(changes: Changes): void {
  for (const [kind, what] of Object.entries(changes)) known.set(kind, what);
}

export const changedBy = (kind: string): readonly string[] => known.get(kind) ?? [];

/** Whatever any job changes. */
export const changing = (): ReadonlySet<string> => new Set([...known.values()].flat());
