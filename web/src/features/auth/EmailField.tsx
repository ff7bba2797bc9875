"use client";
import type { ComponentProps } from "react";
import * as t from "@/texts/en";
import { TextField } from "@/ui/Field";

/** An email, as browsers and phones fill it in best. */
export function EmailField(props: Partial<ComponentProps<typeof TextField>>) {
  return (
    <TextField
      label={t.auth.email}
      name="email"
      type="email"
      inputMode="email"
      autoComplete="email"
      autoCapitalize="none"
      spellCheck={false}
      required
      {...props}
    />
  );
}
