"use client";
import { type ReactNode, useId } from "react";
import { cx } from "@/lib/classes";

type Props<T extends string> = {
  label: string;
  hideLabel?: boolean;
  value: T;
  options: readonly (readonly [value: T, text: ReactNode])[];
  error?: string | null;
  onChange(value: T): void;
};

/** One of a few, as a row of radio buttons drawn as segments. */
export function Choices<T extends string>({
  label,
  hideLabel = false,
  value,
  options,
  error,
  onChange,
}: Props<T>) {
  const name = useId();
  return (
    <fieldset
      aria-describedby={error ? `${name}-error` : undefined}
      data-fault={error ? true : undefined}
      className="flex min-w-0 flex-col gap-1.5"
    >
      <legend className={hideLabel ? "sr-only" : "mb-1.5 text-sm font-medium"}>{label}</legend>
      <div className="inline-flex w-fit max-w-full flex-wrap gap-0.5 rounded-lg border border-line bg-sunken p-0.5">
        {options.map(([option, text]) => (
          <label
            key={option}
            className={cx(
              "relative flex min-h-8 pointer-coarse:min-h-10 cursor-pointer items-center rounded-md px-2 sm:px-3 text-sm has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
              option === value
                ? "bg-surface font-medium text-fg ring-1 ring-control/50"
                : "text-muted hover:text-fg",
            )}
          >
            <input
              type="radio"
              name={name}
              value={option}
              checked={option === value}
              onChange={() => onChange(option)}
              className="absolute inset-0 cursor-pointer opacity-0"
            />
            {text}
          </label>
        ))}
      </div>
      {error && (
        <p id={`${name}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}
