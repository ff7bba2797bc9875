"use client";
import { useEffect, useState } from "react";
import { useAction } from "@/lib/action";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { ProblemNotice, useCountdown } from "@/ui/ProblemNotice";

const PAUSE_S = 30;

/** `sent`: whether one has just been mailed. */
type Props = { send(): Promise<unknown>; sent?: boolean; disabled?: boolean };

/** Mails another code, not more often than every half minute. */
export function Resend({ send, sent = true, disabled = false }: Props) {
  const [left, setLeft] = useState(sent ? PAUSE_S : 0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  const resend = useAction(send, { onSuccess: () => setLeft(PAUSE_S) });
  const asked = useCountdown(resend.error);
  const wait = Math.max(left, asked);
  return (
    <>
      {resend.error !== null && <ProblemNotice error={resend.error} />}
      <p role="status" className="-my-2 text-center text-muted">
        {resend.done && t.auth.resent}
      </p>
      <Button
        busy={resend.pending}
        disabled={wait > 0 || disabled}
        onClick={() => void resend.start(undefined)}
      >
        <span className="figures">{wait > 0 ? t.auth.resendIn(wait) : t.auth.resend}</span>
      </Button>
    </>
  );
}
