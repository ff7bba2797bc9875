"use client";
import { useId } from "react";
import { Checkbox } from "@/ui/Checkbox";
import type { Choice } from "./form";

type Props = {
  label: string;
  hint?: string | undefined;
  error: string | null;
  options: readonly Choice[];
  value: readonly string[];
  onChange(value: string[]): void;
};

/** Several of many. */
export function ManyChoices({ label, hint, error, options, value, onChange }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const turn = (one: string, on: boolean) =>
    onChange(on ? [...value, one] : value.filter((chosen) => chosen !== one));
  return (
    <fieldset
      aria-describedby={described || undefined}
      data-fault={error ? true : undefined}
      className="flex min-w-0 flex-col gap-1.5"
    >
      <legend className="mb-1 text-sm font-medium">{label}</legend>
      {hint && (
        <p id={`${id}-hint`} className="-mt-1 mb-1 text-xs text-muted">
          {hint}
        </p>
      )}
      <div className="grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-3">
        {options.map((choice) => (
          <Checkbox
            key={choice.const}
            label={choice.title}
            checked={value.includes(choice.const)}
            onChange={(on) => turn(choice.const, on)}
          />
        ))}
      </div>
      {error && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}
