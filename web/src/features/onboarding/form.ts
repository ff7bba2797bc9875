import type { OnboardingProgress } from "@/lib/api";
import * as t from "@/texts/en";

/** A stage's questions as the API describes them: JSON Schema, flat. */
export type Choice = { const: string; title: string };
export type FormField = {
  type: "string" | "integer" | "boolean" | "array";
  title?: string;
  description?: string;
  format?: string;
  default?: unknown;
  oneOf?: Choice[];
  items?: { oneOf?: Choice[] };
  minimum?: number;
  maximum?: number;
  maxLength?: number;
};
export type Form = { properties: Record<string, FormField>; required: string[] };
export type Answers = Readonly<Record<string, unknown>>;
export type Stage = OnboardingProgress["stages"][number];

export const formOf = (stage: Stage): Form => stage.schema as unknown as Form;

export const answersOf = (progress: OnboardingProgress, stage: string): Answers =>
  progress.values[stage] ?? {};

/** What an answer says, in the words of its form. */
export function said(field: FormField, value: unknown): string {
  if (value === undefined || value === null || value === "") return t.onboarding.nothing;
  if (typeof value === "boolean") return value ? t.onboarding.yes : t.onboarding.no;
  const choices = field.oneOf ?? field.items?.oneOf ?? [];
  const words = (one: unknown) => choices.find((choice) => choice.const === one)?.title ?? String(one);
  if (!Array.isArray(value)) return words(value);
  return value.length === 0 ? t.onboarding.nothing : value.map(words).join(", ");
}

export type Difference = { name: string; label: string; mine: string; theirs: string };

/** The questions that were answered differently; nothing given and an empty answer are the same. */
export function differences(form: Form, mine: Answers, theirs: Answers): Difference[] {
  return Object.entries(form.properties)
    .filter(([name]) => JSON.stringify(given(mine[name])) !== JSON.stringify(given(theirs[name])))
    .map(([name, field]) => ({
      name,
      label: field.title ?? name,
      mine: said(field, mine[name]),
      theirs: said(field, theirs[name]),
    }));
}

function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : [...value].sort();
  return value === undefined || value === "" || value === false ? null : value;
}
