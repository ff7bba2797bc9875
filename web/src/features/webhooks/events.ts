import type { EventType } from "./calls";

export const ALL = "*";
export const areaOf = (type: string) => type.split(".")[0] ?? type;
export const wholeArea = (area: string) => `${area}.*`;

/** Whether the patterns contain the type; one that is wanted by name alone is in no pattern. */
export function contains(patterns: readonly string[], type: EventType): boolean {
  if (patterns.includes(type.type)) return true;
  return !type.by_name_only && (patterns.includes(ALL) || patterns.includes(wholeArea(areaOf(type.type))));
}

/** The types by area, in the order of their names. */
export function grouped(types: readonly EventType[]): [area: string, types: EventType[]][] {
  const areas = new Map<string, EventType[]>();
  for (const type of types) areas.set(areaOf(type.type), [...(areas.get(areaOf(type.type)) ?? []), type]);
  return [...areas];
}

/** The patterns with the type taken in or out; a pattern that contained it is spelled out first. */
export function toggle(patterns: readonly string[], type: EventType, known: readonly EventType[]): string[] {
  const held = known.filter((one) => contains(patterns, one)).map((one) => one.type);
  if (!contains(patterns, type)) return [...patterns, type.type];
  const wide = patterns.filter((pattern) => pattern.endsWith("*") && contains([pattern], type));
  if (wide.length === 0) return patterns.filter((pattern) => pattern !== type.type);
  const kept = patterns.filter((pattern) => !wide.includes(pattern));
  return [...new Set([...kept, ...held])].filter((one) => one !== type.type);
}

/** The patterns with a whole area taken in, or out with all of its types. */
export function toggleArea(patterns: readonly string[], area: string, known: readonly EventType[]): string[] {
  const whole = wholeArea(area);
  if (patterns.includes(whole)) return patterns.filter((pattern) => pattern !== whole);
  const covered = known.filter((one) => contains([whole], one)).map((one) => one.type);
  return [...patterns.filter((pattern) => !covered.includes(pattern)), whole];
}
