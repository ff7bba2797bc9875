"use client";
import { KeyRound, Mail } from "lucide-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useAction } from "@/lib/action";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button, buttonClass } from "@/ui/Button";
import { signInByPasskey } from "./calls";
import { challengeOf } from "./challenge";
import { FormProblem } from "./FormProblem";
import { nextOf } from "./next";
import { passkeyTrouble, provePasskey } from "./passkey";
import { listProviders, type Provider } from "./providers";
import { autofillKnown, type Json, passkeysKnown } from "./webauthn";

type Props = {
  stay: boolean;
  mailing: boolean;
  onMail(): void;
  onDone(): void;
  onRefused(error: unknown): void;
};

/** The ways in that need no password: a mailed link, a passkey, a provider. Loaded after the form. */
export default function OtherWays({ stay, mailing, onMail, onDone, onRefused }: Props) {
  const known = useSyncExternalStore(
    () => () => {},
    passkeysKnown,
    () => true,
  );
  const { passkey, press } = usePasskey(stay, onDone, onRefused);
  const due = challengeOf(passkey.error) !== null;
  return (
    <div className="flex flex-col gap-4">
      <p aria-hidden className="flex items-center gap-3 text-muted">
        <span className="h-px flex-1 bg-line" />
        {t.auth.or}
        <span className="h-px flex-1 bg-line" />
      </p>
      <div className="flex flex-col gap-2">
        <Button busy={mailing} onClick={onMail}>
          <Mail size={16} aria-hidden />
          {t.auth.byMail}
        </Button>
        {known && (
          <Button busy={passkey.pending} onClick={press}>
            <KeyRound size={16} aria-hidden />
            {t.auth.byPasskey}
          </Button>
        )}
        {!due && <FormProblem error={passkey.error} text={passkeyTrouble(passkey.error)} />}
        <Providers stay={stay} />
      </div>
    </div>
  );
}

/** A passkey by the button, or chosen in the browser's own list at the email field, whichever comes first. */
function usePasskey(stay: boolean, onDone: () => void, onRefused: (error: unknown) => void) {
  const listed = useRef<AbortController | null>(null);
  const passkey = useAction(
    async (chosen: Json | null) => signInByPasskey(chosen ?? (await provePasskey()), stay),
    { onSuccess: onDone, onError: onRefused },
  );
  const { start } = passkey;
  const press = () => {
    listed.current?.abort();
    void start(null);
  };
  useEffect(() => {
    const control = new AbortController();
    listed.current = control;
    autofillKnown()
      .then((known) => (known && !control.signal.aborted ? provePasskey(control.signal) : null))
      // Nobody asked for the list, so nobody is told that it did not come about.
      .catch(() => null)
      .then((chosen) => chosen && start(chosen));
    return () => control.abort();
  }, [start]);
  return { passkey, press };
}

function Providers({ stay }: { stay: boolean }) {
  const [query] = useQueryState();
  const [providers, setProviders] = useState<readonly Provider[]>([]);
  useEffect(() => {
    // Without an answer there are the other ways.
    listProviders().then(setProviders, () => {});
  }, []);
  const arrived = `/arrived?${new URLSearchParams({ next: nextOf(query) })}`;
  const asked = new URLSearchParams({ return_to: arrived, stay: String(stay) });
  return providers.map(({ id, title }) => (
    <a key={id} href={`/api/v1/auth/oauth/${id}/authorize?${asked}`} className={buttonClass()}>
      {t.ways.provider(title)}
    </a>
  ));
}
