"use client";
import { Dialog as Base } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { provePasskey } from "@/features/auth/passkey";
import { passkeysKnown } from "@/features/auth/webauthn";
import { useAction } from "@/lib/action";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { backdropClass, popupClass } from "@/ui/classes";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { getMfa, type Proof, stepUp, type Way } from "./calls";
import { ProofForm } from "./ProofForm";
import { strongestFirst } from "./ways";

const s = t.security.proof;

/** Asks for the strongest proof that the person can give, above whatever was open. */
export default function StepUpDialog({ onSettled }: { onSettled(proved: boolean): void }) {
  const mfa = useQuery({ queryKey: ["security", "mfa"], queryFn: getMfa, staleTime: 0 });
  const [chosen, setChosen] = useState<Way | null>(null);
  const ways = strongestFirst(mfa.data?.step_up ?? [], passkeysKnown());
  const by = chosen ?? ways[0];
  const prove = useAction(
    async (proof: Proof | "passkey") =>
      stepUp(proof === "passkey" ? { passkey: await provePasskey() } : proof),
    { onSuccess: () => onSettled(true) },
  );
  return (
    <Base.Root open onOpenChange={(next) => !next && onSettled(false)}>
      <Base.Portal>
        <Base.Backdrop forceRender className={backdropClass.replace("z-40", "z-60")} />
        <Base.Viewport className="fixed inset-0 z-70 flex items-end justify-center p-4 sm:items-center">
          <Base.Popup
            className={`${popupClass} flex max-h-[88dvh] w-full max-w-md flex-col overflow-y-auto p-5`}
          >
            <Base.Title className="text-base font-semibold">{s.title}</Base.Title>
            <Base.Description className="mt-1 text-pretty text-muted">{s.lead}</Base.Description>
            <div className="mt-4 flex min-h-28 flex-col gap-4">
              {mfa.isError && <ProblemNotice error={mfa.error} onRetry={() => void mfa.refetch()} />}
              {mfa.isPending && <div className="skeleton h-24" />}
              {mfa.data && !by && <p role="alert">{s.none}</p>}
              {by && <ProofForm key={by} by={by} action={prove} />}
            </div>
            <div className="mt-4 flex flex-wrap items-center justify-end gap-2 border-t border-line pt-4">
              {ways
                .filter((one) => one !== by)
                .map((one) => (
                  <Button key={one} look="quiet" onClick={() => setChosen(one)}>
                    {s.by[one]}
                  </Button>
                ))}
              <Button className="ml-auto" onClick={() => onSettled(false)}>
                {t.common.cancel}
              </Button>
            </div>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
