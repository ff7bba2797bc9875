"use client";
import { useId } from "react";
import * as t from "@/texts/en";
import { Checkbox } from "@/ui/Checkbox";

type Props = { checked: boolean; hint: string; onChange(checked: boolean): void };

/** Whether a new password ends the person's API keys as well: programs that use them know no password. */
export function KeysToo({ checked, hint, onChange }: Props) {
  const id = useId();
  return (
    <fieldset aria-describedby={id} className="min-w-0">
      <Checkbox label={t.ways.keysToo} checked={checked} onChange={onChange} />
      <p id={id} className="mt-1 text-sm text-muted">
        {hint}
      </p>
    </fieldset>
  );
}
