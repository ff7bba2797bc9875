"use client";
import { useEffect, useRef, useState } from "react";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { AuthFrame } from "./AuthFrame";
import { passChallenge } from "./calls";
import type { Challenge, Factor } from "./challenge";
import { FactorForm } from "./FactorForm";
import { provePasskey } from "./passkey";
import { passkeysKnown } from "./webauthn";

const LEADS: Readonly<Record<Factor, string>> = {
  passkey: t.ways.challengePasskey,
  totp: t.ways.challengeTotp,
  recovery: t.ways.challengeRecovery,
};
const OTHER: Readonly<Record<Factor, string>> = {
  passkey: t.ways.usePasskey,
  totp: t.ways.useTotp,
  recovery: t.ways.useRecovery,
};

type Props = { challenge: Challenge; onDone(): void; onOver(): void; onBack(): void };

/** The second step of a sign-in. `onOver` is called when it can't be passed any more. */
export default function ChallengeScreen({ challenge, onDone, onOver, onBack }: Props) {
  const usable = challenge.factors.filter((one) => one !== "passkey" || passkeysKnown());
  const [by, setBy] = useState<Factor>(usable[0] ?? "recovery");
  const box = useRef<HTMLDivElement>(null);
  const pass = useAction(
    async (code: string | null) =>
      passChallenge(challenge.token, code === null ? { passkey: await provePasskey() } : { code }),
    {
      onSuccess: onDone,
      onError: (error) => {
        if (isProblem(error) && error.status === 401 && error.code !== "invalid_factor") onOver();
      },
    },
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another way has another field
  useEffect(() => box.current?.querySelector<HTMLElement>("input, button")?.focus(), [by]);
  return (
    <AuthFrame title={t.ways.challengeTitle} lead={LEADS[by]}>
      <div ref={box} className="flex flex-col gap-4">
        <FactorForm key={by} by={by} action={pass} />
      </div>
      <div className="flex flex-col gap-2">
        {usable
          .filter((one) => one !== by)
          .map((one) => (
            <Button key={one} onClick={() => setBy(one)}>
              {OTHER[one]}
            </Button>
          ))}
        <Button look="quiet" onClick={onBack}>
          {t.ways.back}
        </Button>
      </div>
    </AuthFrame>
  );
}
