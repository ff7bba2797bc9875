import * as t from "@/texts/en";

/** A code as words: "open_water" → "Open water". */
export function words(code: string): string {
  const spaced = code.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export const sportName = (sport: string) => t.workouts.sports[sport] ?? words(sport);
export const providerName = (provider: string) => t.workouts.providers[provider] ?? words(provider);

/** What a recording was made by, as far as anyone said: the device, or who sent it. */
export const sourceLabel = ({ device, provider }: { device: string | null; provider: string }) =>
  device ?? (provider === "file" ? t.workouts.page.noDevice : providerName(provider));

export const figureName = (field: string) => t.workouts.figures[field] ?? words(field);

export function kindName(sport: string, sub: string | null): string {
  return sub ? `${sportName(sport)} · ${words(sub).toLowerCase()}` : sportName(sport);
}
