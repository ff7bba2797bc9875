"use client";
import { useEffect, useRef, useState } from "react";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { CodeField } from "@/ui/CodeField";
import { AuthFrame } from "./AuthFrame";
import { askSignInLink, signInByMail } from "./calls";
import { challengeOf } from "./challenge";
import { FormProblem } from "./FormProblem";
import { LocalMail } from "./LocalMail";
import { Resend } from "./Resend";
import { SubmitButton } from "./SubmitButton";

type Props = {
  email: string;
  stay: boolean;
  onDone(): void;
  onRefused(error: unknown): void;
  onBack(): void;
};

/** After a sign-in link was asked for: its code can be typed right here. */
export default function MailedScreen({ email, stay, onDone, onRefused, onBack }: Props) {
  const [code, setCode] = useState("");
  const [short, setShort] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const enter = useAction((given: string) => signInByMail({ email, code: given }, stay), {
    onSuccess: onDone,
    onError: (error) => {
      setCode("");
      onRefused(error);
    },
  });
  const send = (given: string) => {
    setShort(given.length < 6);
    if (given.length === 6 && !enter.pending) enter.start(given);
  };
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const wrong = isProblem(enter.error) && enter.error.code === "invalid_code";
  const shown = wrong || challengeOf(enter.error) ? null : enter.error;
  return (
    <AuthFrame title={t.ways.mailedTitle} lead={t.ways.mailed(email)} foot={<LocalMail />}>
      <form
        ref={form}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send(code);
        }}
      >
        <FormProblem error={shown} />
        <CodeField
          value={code}
          onChange={setCode}
          onComplete={send}
          error={short ? t.auth.codeShort : wrong ? t.ways.mailedWrong : null}
        />
        <SubmitButton busy={enter.pending} error={enter.error}>
          {t.auth.signIn}
        </SubmitButton>
      </form>
      <Resend send={() => askSignInLink(email)} />
      <Button look="quiet" onClick={onBack}>
        {t.ways.back}
      </Button>
    </AuthFrame>
  );
}
