"use client";
import { AuthFrame } from "@/features/auth/AuthFrame";
import { useFragment } from "@/features/auth/fragment";
import { Told } from "@/features/organization/InvitationScreen";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { keepByLink } from "./calls";

const r = t.privacy.keep;

/** The page of the link that somebody gets who has asked for the end of their account; nothing happens before the button. */
export function KeepScreen() {
  const fragment = useFragment();
  const token = fragment?.token;
  const keep = useAction(keepByLink);
  if (fragment && !token) return <Told title={r.invalidTitle} text={t.organization.accept.noneText} />;
  if (keep.done)
    return (
      <Told title={r.doneTitle} text={r.doneText}>
        <LinkButton look="primary" href="/sign-in">
          {r.signIn}
        </LinkButton>
      </Told>
    );
  if (isProblem(keep.error) && [404, 422].includes(keep.error.status))
    return <Told title={r.invalidTitle} text={r.invalidText} />;
  return (
    <AuthFrame title={r.title} lead={r.lead}>
      {keep.error !== null && <ProblemNotice error={keep.error} />}
      <Button
        look="primary"
        busy={keep.pending}
        disabled={!token}
        onClick={() => token && void keep.start(token)}
      >
        {r.action}
      </Button>
    </AuthFrame>
  );
}
