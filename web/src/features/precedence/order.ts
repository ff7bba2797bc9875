import type { components } from "@/lib/api/schema";

export type Precedence = components["schemas"]["PrecedenceView"];
type Order = Precedence["order"];

/** Stand for all that has no choice of its own: figures of workouts, and what is read from the body. */
export const GROUPS = ["*", "biometrics"] as const;
export type Group = (typeof GROUPS)[number];
/** What has a choice of its own here: channels, whose figures follow them, and three fields. */
export const NAMES = [
  "latitude_deg",
  "heart_rate_bpm",
  "power_w",
  "cadence_rpm",
  "altitude_m",
  "energy_kcal",
  "sport",
  "title",
] as const;
export type Name = (typeof NAMES)[number];

/** What the page edits: everybody in turn, and who comes first for one figure. */
export type Draft = {
  rankings: Readonly<Record<Group, readonly string[]>>;
  first: Readonly<Partial<Record<Name, string>>>;
};

const SHOWN: readonly string[] = [...GROUPS, ...NAMES];

const usualOf = (known: Precedence): Draft["rankings"] => ({
  "*": known.usual,
  biometrics: known.usual_of_biometrics,
});

export function draftOf(known: Precedence): Draft {
  const { order } = known;
  const usual = usualOf(known);
  const ranking = (group: Group) => {
    const chosen = order[group] ?? [];
    return [...chosen, ...usual[group].filter((one) => !chosen.includes(one))];
  };
  const first = NAMES.flatMap((name) => (order[name]?.[0] ? [[name, order[name][0]]] : []));
  return {
    rankings: { "*": ranking("*"), biometrics: ranking("biometrics") },
    first: Object.fromEntries(first),
  };
}

export const usualDraft = (known: Precedence): Draft => ({ rankings: usualOf(known), first: {} });

/** The whole order again, with what this page does not show as it was. */
export function orderOf(draft: Draft, known: Precedence): Order {
  const usual = usualOf(known);
  const kept = Object.entries(known.order).filter(([name]) => !SHOWN.includes(name));
  const rankings = GROUPS.filter((group) =>
    draft.rankings[group].some((one, place) => one !== usual[group][place]),
  ).map((group): [string, string[]] => [group, [...draft.rankings[group]]]);
  const chosen = NAMES.flatMap((name): [string, string[]][] => {
    const provider = draft.first[name];
    // Whoever was put behind the first by other means stays there.
    const behind = (known.order[name] ?? []).filter((one) => one !== provider);
    return provider ? [[name, [provider, ...behind]]] : [];
  });
  return Object.fromEntries([...kept, ...rankings, ...chosen]);
}

/** The ranking with one of them a place further up (-1) or down (1). */
export function moved(ranking: readonly string[], place: number, by: -1 | 1): readonly string[] {
  const [one, other] = [ranking[place], ranking[place + by]];
  if (one === undefined || other === undefined) return ranking;
  return ranking.map((name, n) => (n === place ? other : n === place + by ? one : name));
}
