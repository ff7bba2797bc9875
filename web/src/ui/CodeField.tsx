"use client";
import { OTPField } from "@base-ui/react/otp-field";
import { useEffect, useId } from "react";
import * as t from "@/texts/en";

const LENGTH = 6;

type Props = {
  value: string;
  error: string | null;
  onChange(value: string): void;
  onComplete(value: string): void;
  /** Takes the focus when it appears. */
  autoFocus?: boolean;
};

/** Six boxes for a mailed code; typing, pasting and autofill all fill them. */
export function CodeField({ value, error, onChange, onComplete, autoFocus = false }: Props) {
  const id = useId();
  const startOver = error !== null && value === "";
  useEffect(() => {
    if (startOver) document.getElementById(id)?.focus();
  }, [startOver, id]);
  useEffect(() => {
    if (autoFocus) document.getElementById(id)?.focus();
  }, [autoFocus, id]);
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {t.auth.codeLabel}
      </label>
      <OTPField.Root
        id={id}
        length={LENGTH}
        value={value}
        onValueChange={onChange}
        onValueComplete={onComplete}
        aria-describedby={error ? `${id}-error` : undefined}
        className="grid grid-cols-6 gap-2"
      >
        {Array.from({ length: LENGTH }, (_, index) => (
          <OTPField.Input
            // biome-ignore lint/suspicious/noArrayIndexKey: the boxes are their positions
            key={index}
            aria-label={index === 0 ? undefined : t.auth.digit(index + 1)}
            aria-invalid={error ? true : undefined}
            className="figures h-12 w-full min-w-0 rounded-md border border-control bg-surface text-center text-xl aria-invalid:border-bad"
          />
        ))}
      </OTPField.Root>
      {error && (
        <p id={`${id}-error`} role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
