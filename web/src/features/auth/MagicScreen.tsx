"use client";
import { useState } from "react";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api/problem";
import { useNavigate } from "@/lib/nav";
import { START } from "@/lib/start";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { AuthFrame } from "./AuthFrame";
import ChallengeScreen from "./ChallengeScreen";
import { signInByMail } from "./calls";
import { challengeOf } from "./challenge";
import { DeadLink } from "./DeadLink";
import { FormProblem } from "./FormProblem";
import { useFragment } from "./fragment";
import { SubmitButton } from "./SubmitButton";

/** Where a mailed sign-in link leads. Programs that open links in mails press nothing, so they use nothing up. */
export function MagicScreen() {
  const navigate = useNavigate();
  const brought = useFragment();
  const [stay, setStay] = useState(true);
  const [over, setOver] = useState(false);
  const done = () => navigate.replace(START);
  const enter = useAction((token: string) => signInByMail({ token }, stay), { onSuccess: done });
  const challenge = challengeOf(enter.error);
  if (over) return <DeadLink title={t.ways.linkTitle} text={t.ways.challengeOver} href="/sign-in" />;
  if (challenge)
    return (
      <ChallengeScreen
        challenge={challenge}
        onDone={done}
        onOver={() => setOver(true)}
        onBack={() => navigate.replace("/sign-in")}
      />
    );
  if (brought && !brought.token)
    return <DeadLink title={t.ways.linkTitle} text={t.ways.linkMissing} href="/sign-in" />;
  if (isProblem(enter.error) && enter.error.code === "invalid_token")
    return <DeadLink title={t.ways.linkTitle} text={t.ways.linkOver} href="/sign-in" />;
  return (
    <AuthFrame title={t.ways.linkTitle} lead={t.ways.linkLead}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (brought?.token && !enter.pending) enter.start(brought.token);
        }}
      >
        <FormProblem error={enter.error} />
        <Checkbox label={t.auth.stay} checked={stay} onChange={setStay} />
        <SubmitButton busy={enter.pending} error={enter.error} disabled={!brought}>
          {t.ways.linkAction}
        </SubmitButton>
      </form>
      <LinkButton href="/sign-in" look="quiet">
        {t.ways.back}
      </LinkButton>
    </AuthFrame>
  );
}
