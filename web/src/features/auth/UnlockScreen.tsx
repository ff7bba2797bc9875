"use client";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { AuthFrame } from "./AuthFrame";
import { unlock } from "./calls";
import { DeadLink } from "./DeadLink";
import { FormProblem } from "./FormProblem";
import { useFragment } from "./fragment";
import { Note } from "./Note";
import { SubmitButton } from "./SubmitButton";

/** Where the mail about a lock-out leads: its person is let in at once. */
export function UnlockScreen() {
  const brought = useFragment();
  const open = useAction(unlock);
  const dead = isProblem(open.error) && open.error.code === "invalid_token";
  if (dead || (brought && !brought.token))
    return (
      <DeadLink
        title={t.ways.unlockTitle}
        text={dead ? t.ways.linkOver : t.ways.linkMissing}
        href="/sign-in"
      />
    );
  if (open.done)
    return (
      <AuthFrame title={t.ways.unlockTitle}>
        <Note>{t.ways.unlockDone}</Note>
        <LinkButton href="/sign-in" look="primary">
          {t.ways.toSignIn}
        </LinkButton>
        <LinkButton href="/forgot-password">{t.ways.resetTitle}</LinkButton>
      </AuthFrame>
    );
  return (
    <AuthFrame title={t.ways.unlockTitle} lead={t.ways.unlockLead}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (brought?.token && !open.pending) open.start(brought.token);
        }}
      >
        <FormProblem error={open.error} />
        <SubmitButton busy={open.pending} error={open.error} disabled={!brought}>
          {t.ways.unlockAction}
        </SubmitButton>
      </form>
    </AuthFrame>
  );
}
