"use client";
import type { ReactNode } from "react";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { useCountdown } from "@/ui/ProblemNotice";

type Props = { busy: boolean; error: unknown; disabled?: boolean; children: ReactNode };

/** Sends its form; after too many tries it says how long to wait, and waits. */
export function SubmitButton({ busy, error, disabled = false, children }: Props) {
  const wait = useCountdown(error);
  return (
    <Button type="submit" look="primary" busy={busy} disabled={disabled || wait > 0}>
      {wait > 0 ? <span className="figures">{t.auth.tryIn(t.auth.wait(wait))}</span> : children}
    </Button>
  );
}
