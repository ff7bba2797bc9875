"use client";
import { useMemo } from "react";
import type { OnboardingProgress } from "@/lib/api";
import { deviceZone } from "@/lib/preferences";
import { zoneChoices } from "@/lib/preferences/account";
import * as t from "@/texts/en";
import { Choices } from "@/ui/Choices";
import { TextField } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { type Answers, type Choice, type Form, type FormField, formOf, type Stage } from "./form";
import { ManyChoices } from "./ManyChoices";
import { TextArea } from "./TextArea";

const FEW = 4;
const ONE_LINE = 200;
const DIGITS = 9;

export type QuestionsProps = {
  stage: Stage;
  progress: OnboardingProgress;
  values: Answers;
  faults: Readonly<Record<string, string>>;
  onChange(part: Answers): void;
};

/** What a form proposes where nothing is answered: what the organization has set, or the zone of this device. */
export function suggested(form: Form, values: Answers): Answers {
  const open = Object.entries(form.properties).filter(([name]) => values[name] === undefined);
  const proposals = open.map(([name, field]) => [
    name,
    field.default ?? (field.format === "timezone" ? deviceZone() : undefined),
  ]);
  return Object.fromEntries(proposals.filter(([, value]) => value !== undefined));
}

/** The questions of one stage, drawn from its schema. */
export function StageForm({ stage, values, faults, onChange }: QuestionsProps) {
  const form = formOf(stage);
  const shown = { ...suggested(form, values), ...values };
  return Object.entries(form.properties).map(([name, field]) => (
    <Question
      key={name}
      name={name}
      field={field}
      optional={!form.required.includes(name)}
      value={shown[name]}
      fault={faults[name]}
      onChange={(value) => onChange({ [name]: value })}
    />
  ));
}

type QuestionProps = {
  name: string;
  field: FormField;
  optional: boolean;
  value: unknown;
  fault: string | undefined;
  onChange(value: unknown): void;
};

function Question({ name, field, optional, value, fault, onChange }: QuestionProps) {
  const title = field.title ?? name;
  const shared = {
    name,
    label: optional ? `${title} (${t.onboarding.optional})` : title,
    hint: field.description,
    error: fault ?? null,
  };
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  if (field.type === "array")
    return (
      <ManyChoices
        {...shared}
        options={field.items?.oneOf ?? []}
        value={Array.isArray(value) ? value : []}
        onChange={onChange}
      />
    );
  if (field.format === "timezone") return <ZoneField {...shared} value={text} onChange={onChange} />;
  if (field.oneOf) return <OneChoice {...shared} options={field.oneOf} value={text} onChange={onChange} />;
  if (field.type === "integer")
    return (
      <TextField
        {...shared}
        inputMode="numeric"
        autoComplete="off"
        value={text}
        onChange={(event) => {
          const digits = event.target.value.replaceAll(/\D/g, "").slice(0, DIGITS);
          onChange(digits ? Number(digits) : null);
        }}
        className="max-w-32"
      />
    );
  const Text = (field.maxLength ?? 0) > ONE_LINE ? TextArea : TextField;
  return (
    <Text
      {...shared}
      value={text}
      maxLength={field.maxLength}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

type OneProps = {
  name: string;
  label: string;
  hint: string | undefined;
  error: string | null;
  value: string;
  onChange(value: string): void;
};

function OneChoice({ options, label, hint, ...rest }: OneProps & { options: Choice[] }) {
  const pairs = options.map((choice) => [choice.const, choice.title] as const);
  if (options.length > FEW)
    return (
      <Select
        label={label}
        hint={hint}
        error={rest.error}
        name={rest.name}
        options={[["", t.onboarding.choose], ...pairs]}
        value={rest.value}
        onChange={(event) => rest.onChange(event.target.value)}
      />
    );
  return (
    <Choices label={label} options={pairs} value={rest.value} error={rest.error} onChange={rest.onChange} />
  );
}

function ZoneField({ label, hint, error, name, value, onChange }: OneProps) {
  const zones = useMemo(() => zoneChoices(value), [value]);
  return (
    <Select
      label={label}
      hint={hint}
      error={error}
      name={name}
      options={zones}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
