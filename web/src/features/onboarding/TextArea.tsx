"use client";
import { type ComponentProps, useId } from "react";
import { cx } from "@/lib/classes";
import { inputClass } from "@/ui/Field";

type Props = { label: string; error: string | null; hint?: string | undefined } & ComponentProps<"textarea">;

/** A labelled text of several lines, wired as `TextField` is. */
export function TextArea({ label, error, hint, ...input }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="w-fit text-sm font-medium">
        {label}
      </label>
      <textarea
        rows={4}
        {...input}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
        className={cx(inputClass, "resize-y")}
      />
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
