"use client";
import { Check } from "lucide-react";
import { cx } from "@/lib/classes";

type Props = {
  label: string;
  hideLabel?: boolean;
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
};

/** The browser's own checkbox, drawn with our colours. */
export function Checkbox({ label, hideLabel = false, checked, disabled = false, onChange }: Props) {
  return (
    <label
      className={cx(
        "flex w-fit items-center gap-2.5 text-sm",
        !hideLabel && "min-h-6 pointer-coarse:min-h-11",
      )}
    >
      <span className="relative flex size-4.5 shrink-0">
        <input
          type="checkbox"
          checked={checked}
          disabled={disabled}
          onChange={(event) => onChange(event.target.checked)}
          aria-label={hideLabel ? label : undefined}
          className="size-full cursor-pointer appearance-none disabled:cursor-not-allowed disabled:opacity-50 rounded border border-control bg-surface checked:border-accent checked:bg-accent"
        />
        {checked && (
          <Check
            size={13}
            strokeWidth={3}
            aria-hidden
            className="pointer-events-none absolute inset-0 m-auto text-on-accent"
          />
        )}
      </span>
      {!hideLabel && label}
    </label>
  );
}
