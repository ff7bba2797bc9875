"use client";
import { AuthFrame } from "@/features/auth/AuthFrame";
import { useFragment } from "@/features/auth/fragment";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { restoreByLink } from "./calls";
import { Told } from "./InvitationScreen";

const r = t.organization.restore;

/** The page of the link that owners get when their organization is deleted; nothing happens before the button. */
export function RestoreScreen() {
  const fragment = useFragment();
  const token = fragment?.token;
  const restore = useAction(restoreByLink);
  if (fragment && !token) return <Told title={r.invalidTitle} text={t.organization.accept.noneText} />;
  if (restore.done)
    return (
      <Told title={r.doneTitle} text={r.doneText}>
        <LinkButton look="primary" href="/sign-in">
          {r.signIn}
        </LinkButton>
      </Told>
    );
  if (isProblem(restore.error) && [404, 422].includes(restore.error.status))
    return <Told title={r.invalidTitle} text={r.invalidText} />;
  return (
    <AuthFrame title={r.title} lead={r.lead}>
      {restore.error !== null && <ProblemNotice error={restore.error} />}
      <Button
        look="primary"
        busy={restore.pending}
        disabled={!token}
        onClick={() => token && void restore.start(token)}
      >
        {r.action}
      </Button>
    </AuthFrame>
  );
}
