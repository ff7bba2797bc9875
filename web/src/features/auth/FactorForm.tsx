"use client";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { CodeField } from "@/ui/CodeField";
import { TextField } from "@/ui/Field";
import type { Factor } from "./challenge";
import { FormProblem } from "./FormProblem";
import { passkeyTrouble } from "./passkey";
import { SubmitButton } from "./SubmitButton";

const DIGITS = 6;
const RECOVERY_LENGTH = 10;
const WRONG = new Set(["invalid_factor", "step_up_refused", "invalid_code"]);

type Props = {
  by: Factor;
  action: { pending: boolean; error: unknown; start(code: string | null): unknown };
};

/** The field for one kind of second factor; a passkey has a button instead, and gives null for a code. */
export function FactorForm({ by, action }: Props) {
  const [code, setCode] = useState("");
  const [short, setShort] = useState(false);
  const { error, pending } = action;
  const wrong = isProblem(error) && WRONG.has(error.code) && !short;
  const send = (given: string) => {
    const few = given.replace(/[^a-z0-9]/gi, "").length < (by === "totp" ? DIGITS : RECOVERY_LENGTH);
    setShort(few);
    if (few || pending) return;
    action.start(given);
    if (by === "totp") setCode("");
  };
  if (by === "passkey")
    return (
      <>
        <FormProblem error={error} text={wrong ? t.ways.passkeyFailed : passkeyTrouble(error)} />
        <Button look="primary" busy={pending} onClick={() => action.start(null)}>
          <KeyRound size={16} aria-hidden />
          {t.ways.usePasskey}
        </Button>
      </>
    );
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send(code);
      }}
    >
      {!wrong && <FormProblem error={error} />}
      {by === "totp" ? (
        <CodeField
          value={code}
          onChange={setCode}
          onComplete={send}
          error={short ? t.auth.codeShort : wrong ? t.ways.totpWrong : null}
        />
      ) : (
        <TextField
          label={t.ways.recoveryLabel}
          name="recovery"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          className="font-mono"
          value={code}
          onChange={(event) => setCode(event.target.value)}
          error={short ? t.ways.recoveryShort : wrong ? t.ways.recoveryWrong : null}
        />
      )}
      <SubmitButton busy={pending} error={error}>
        {t.ways.confirm}
      </SubmitButton>
    </form>
  );
}
