"use client";
import { KeySquare, LifeBuoy } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { FormProblem } from "@/features/auth/FormProblem";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { beginTotp, type Mfa, makeRecoveryCodes, removeTotp } from "./calls";
import { Failure } from "./Failure";
import { useChange, useMfa } from "./queries";
import { Row } from "./Row";
import { RowCard } from "./RowCard";

const Confirm = lazy(() => import("@/ui/Confirm"));
const TotpDialog = lazy(() => import("./TotpDialog"));
const CodesDialog = lazy(() => import("./CodesDialog"));

const s = t.security.twoStep;
const FEW = 3;

/** The authenticator app and the recovery codes. */
export function TwoStepCard() {
  const mfa = useMfa();
  const [asking, setAsking] = useState<"off" | "renew" | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const close = () => setAsking(null);
  const begin = useChange(beginTotp);
  const off = useChange(removeTotp, { said: s.offDone, after: close });
  const renew = useChange(makeRecoveryCodes, {
    after: (made) => {
      close();
      setCodes(made);
    },
  });
  const ask = (what: "off" | "renew") => {
    off.reset();
    renew.reset();
    setAsking(what);
  };
  return (
    <RowCard
      title={s.title}
      lead={s.lead}
      query={mfa}
      rows={2}
      failed={begin.error && <FormProblem error={begin.error} />}
    >
      {mfa.data && (
        <>
          <Row
            icon={<KeySquare size={18} aria-hidden />}
            title={s.app}
            chips={<Chip tone={mfa.data.totp ? "ok" : "plain"}>{mfa.data.totp ? s.on : s.off}</Chip>}
            text={mfa.data.totp ? s.appOn : s.appOff}
          >
            {mfa.data.totp ? (
              <Button onClick={() => ask("off")}>{s.turnOff}</Button>
            ) : (
              <Button busy={begin.isPending} onClick={() => begin.mutate(undefined)}>
                {s.setUp}
              </Button>
            )}
          </Row>
          <RecoveryRow mfa={mfa.data} onRenew={() => ask("renew")} />
        </>
      )}
      <Suspense>
        {begin.data && (
          <TotpDialog
            begun={begin.data}
            onClose={begin.reset}
            onDone={(made) => {
              begin.reset();
              setCodes(made);
            }}
          />
        )}
        {codes && <CodesDialog codes={codes} onClose={() => setCodes(null)} />}
        {asking && (
          <Confirm
            open
            danger={asking === "off"}
            title={asking === "off" ? s.offTitle : s.renewTitle}
            text={asking === "off" ? s.offText : s.renewText}
            action={asking === "off" ? s.turnOff : s.renew}
            busy={off.isPending || renew.isPending}
            onConfirm={() => (asking === "off" ? off.mutate(undefined) : renew.mutate(undefined))}
            onClose={close}
          >
            <Failure error={off.error ?? renew.error} />
          </Confirm>
        )}
      </Suspense>
    </RowCard>
  );
}

function RecoveryRow({ mfa, onRenew }: { mfa: Mfa; onRenew(): void }) {
  const left = mfa.recovery_codes_left;
  const may = mfa.totp || mfa.passkeys > 0;
  const low = may && left <= FEW;
  const text = left === 0 ? s.none : low ? s.few(left) : s.left(left);
  return (
    <Row
      icon={<LifeBuoy size={18} aria-hidden />}
      title={s.recovery}
      text={may ? <span className={low ? "text-warn" : undefined}>{text}</span> : s.needsFactor}
    >
      {may && <Button onClick={onRenew}>{s.renew}</Button>}
    </Row>
  );
}
