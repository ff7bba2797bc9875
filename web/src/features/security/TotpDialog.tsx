"use client";
import { useState } from "react";
import { FormProblem } from "@/features/auth/FormProblem";
import { SubmitButton } from "@/features/auth/SubmitButton";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button, buttonClass } from "@/ui/Button";
import { CodeField } from "@/ui/CodeField";
import { Dialog } from "@/ui/Dialog";
import { CopyButton } from "./CopyButton";
import { confirmTotp } from "./calls";
import { QrCode } from "./QrCode";
import { useChange } from "./queries";

const s = t.security.totp;

type Props = {
  begun: { secret: string; uri: string };
  onDone(codes: readonly string[]): void;
  onClose(): void;
};

/** Scan or type, then the first code; the recovery codes come next. */
export default function TotpDialog({ begun, onDone, onClose }: Props) {
  const [code, setCode] = useState("");
  const [short, setShort] = useState(false);
  const confirm = useChange(confirmTotp, { after: onDone });
  const wrong = isProblem(confirm.error) && confirm.error.code === "invalid_code";
  const send = (given: string) => {
    setShort(given.length < 6);
    if (given.length < 6 || confirm.isPending) return;
    confirm.mutate(given);
    setCode("");
  };
  return (
    <Dialog open onClose={onClose} title={s.title}>
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          send(code);
        }}
      >
        <div className="flex flex-col items-center gap-3">
          <p className="self-start font-medium">{s.scan}</p>
          <QrCode text={begun.uri} label={s.qr} />
          <a href={begun.uri} className={`${buttonClass()} pointer-fine:hidden`}>
            {s.here}
          </a>
        </div>
        <div className="flex flex-col gap-1.5">
          <p className="font-medium">{s.type}</p>
          <div className="flex flex-wrap items-center gap-2">
            <code className="min-w-0 flex-1 basis-56 rounded-md bg-sunken px-3 py-2 font-mono wrap-anywhere select-all">
              {spaced(begun.secret)}
            </code>
            <CopyButton text={begun.secret} label={s.copy} done={s.copied} />
          </div>
        </div>
        <div className="flex flex-col gap-2">
          <p className="font-medium">{s.enter}</p>
          {!wrong && <FormProblem error={confirm.error} />}
          <CodeField
            value={code}
            onChange={setCode}
            onComplete={send}
            error={short ? t.auth.codeShort : wrong ? s.wrong : null}
          />
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <SubmitButton busy={confirm.isPending} error={confirm.error}>
            {s.confirm}
          </SubmitButton>
        </div>
      </form>
    </Dialog>
  );
}

/** In fours, as one types it. */
const spaced = (secret: string) => secret.match(/.{1,4}/g)?.join(" ") ?? secret;
