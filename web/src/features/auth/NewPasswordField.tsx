"use client";
import { type ComponentProps, useState } from "react";
import * as t from "@/texts/en";
import { PasswordField } from "@/ui/PasswordField";
import { StrengthMeter } from "./StrengthMeter";
import { LEAST_LENGTH } from "./strength";

type Props = Omit<ComponentProps<typeof PasswordField>, "children" | "hint" | "autoComplete">;

/** A password to be chosen, with how good it looks. */
export function NewPasswordField({ onChange, ...props }: Props) {
  const [password, setPassword] = useState("");
  return (
    <PasswordField
      {...props}
      autoComplete="new-password"
      required
      hint={t.auth.passwordHint}
      onChange={(event) => {
        setPassword(event.target.value);
        onChange?.(event);
      }}
    >
      <StrengthMeter password={password} />
    </PasswordField>
  );
}

/** What is wrong with a chosen password before it is sent. */
export function passwordFault(password: string | undefined): string | null {
  if (!password) return t.auth.required.password;
  return password.length < LEAST_LENGTH ? t.auth.passwordShort : null;
}
