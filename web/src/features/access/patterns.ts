/**
 * What roles and keys hold: permissions `area.resource.action` and patterns over them. `fitness.*` contains all below
 * it, what comes later too; `manage` contains `read` and `write`. The API decides; here it is told beforehand.
 */
const CONTAINED: Readonly<Record<string, readonly string[]>> = { manage: ["read", "write"] };

export function contains(pattern: string, permission: string): boolean {
  if (pattern === permission || pattern === "*") return true;
  if (pattern.endsWith(".*")) return permission.startsWith(pattern.slice(0, -1));
  const [stem, action] = split(pattern);
  const [wantedStem, wanted] = split(permission);
  return stem === wantedStem && (CONTAINED[action]?.includes(wanted) ?? false);
}

export const effective = (patterns: readonly string[], known: readonly string[]) =>
  known.filter((permission) => patterns.some((pattern) => contains(pattern, permission)));

/** "kernel.members.read" → ["kernel.members", "read"] */
export function split(permission: string): [stem: string, action: string] {
  const at = permission.lastIndexOf(".");
  return [permission.slice(0, at), permission.slice(at + 1)];
}

export const areaOf = (permission: string) => permission.split(".")[0] ?? permission;
export const wholeArea = (area: string) => `${area}.*`;

/** Adds a permission or takes it away. Taking one out of a pattern leaves the others of the pattern. */
export function toggle(patterns: readonly string[], permission: string, known: readonly string[]): string[] {
  if (!patterns.some((pattern) => contains(pattern, permission))) return [...patterns, permission];
  const kept = patterns.filter((pattern) => !contains(pattern, permission));
  const rest = effective(patterns, known).filter(
    (other) => other !== permission && !kept.some((pattern) => contains(pattern, other)),
  );
  return [...kept, ...rest];
}

/** Holds the whole area, whatever comes to it later, or goes back to what is known of it now. */
export function toggleArea(patterns: readonly string[], area: string, known: readonly string[]): string[] {
  const others = patterns.filter((pattern) => areaOf(pattern) !== area && pattern !== "*");
  if (!patterns.includes(wholeArea(area))) return [...others, wholeArea(area)];
  return [...others, ...known.filter((permission) => areaOf(permission) === area)];
}

export type Group<Item> = { area: string; resources: { resource: string; items: Item[] }[] };

/** Permissions by area and resource, in the order they come. */
export function grouped<Item extends { permission: string }>(items: readonly Item[]): Group<Item>[] {
  const areas = new Map<string, Map<string, Item[]>>();
  for (const item of items) {
    const [resource] = split(item.permission);
    const area = areaOf(item.permission);
    const resources = areas.get(area) ?? new Map<string, Item[]>();
    areas.set(area, resources.set(resource, [...(resources.get(resource) ?? []), item]));
  }
  return [...areas].map(([area, resources]) => ({
    area,
    resources: [...resources].map(([resource, found]) => ({ resource, items: found })),
  }));
}
