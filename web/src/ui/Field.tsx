"use client";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cx } from "@/lib/classes";

export const inputClass =
  "w-full min-h-9 pointer-coarse:min-h-11 rounded-md border border-control bg-surface px-3 py-1.5 text-sm pointer-coarse:text-base text-fg aria-invalid:border-bad";

type Props = {
  label: string;
  error?: string | null;
  hint?: ReactNode;
  end?: ReactNode;
  children?: ReactNode;
} & ComponentProps<"input">;

/** A labelled input with its hint and its error, wired for assistive technology. `end` stands inside, at its end. */
export function TextField({ label, error, hint, end, children, className, ...input }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="w-fit text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          {...input}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
          className={cx(inputClass, end ? "pr-11" : null, className)}
        />
        {end && <div className="absolute inset-y-0 right-0 flex items-center">{end}</div>}
      </div>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-pretty text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
