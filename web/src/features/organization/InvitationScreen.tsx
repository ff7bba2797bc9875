"use client";
import { type ReactNode, useEffect, useState } from "react";
import { AuthFrame } from "@/features/auth/AuthFrame";
import { useFragment } from "@/features/auth/fragment";
import { switchAccount } from "@/lib/accounts";
import { useAction } from "@/lib/action";
import { getMe, isProblem, type Me, mayBeSignedIn, sessionEnded, signOut } from "@/lib/api";
import { START } from "@/lib/start";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { acceptInvitation, previewInvitation } from "./calls";
import { forgetInvitation, rememberedInvitation, rememberInvitation } from "./invitationToken";

const a = t.organization.accept;
const NEXT = "?next=%2Finvitation";
type Preview = Awaited<ReturnType<typeof previewInvitation>>;
type Found = { preview: Preview; me: Me | null };

/** What an invitation offers, and what whoever holds it has to do: join, sign in, sign up, or change the person. */
export function InvitationScreen() {
  const fragment = useFragment();
  const [token, setToken] = useState<string | null>(null);
  const look = useAction(read, { onSuccess: (found) => setFound(found) });
  const [found, setFound] = useState<Found | null>(null);
  const { start } = look;
  useEffect(() => {
    if (fragment === null) return;
    if (fragment.token) rememberInvitation(fragment.token);
    const held = fragment.token ?? rememberedInvitation();
    setToken(held);
    if (held) void start(held);
  }, [fragment, start]);
  if (token === "") return <Told title={a.noneTitle} text={a.noneText} />;
  if (found) return <Offer {...found} token={token ?? ""} />;
  if (look.error === null)
    return (
      <AuthFrame title={a.title}>
        <p role="status" className="flex items-center gap-2 text-muted">
          <span className="spinner size-4" aria-hidden />
          {a.reading}
        </p>
      </AuthFrame>
    );
  if (isInvalid(look.error)) return <Told title={a.invalidTitle} text={a.invalidText} />;
  return (
    <AuthFrame title={a.title}>
      <ProblemNotice error={look.error} onRetry={() => void start(token ?? "")} />
    </AuthFrame>
  );
}

async function read(token: string): Promise<Found> {
  const preview = await previewInvitation(token);
  if (!mayBeSignedIn()) return { preview, me: null };
  const me = await getMe().catch((error: unknown) => {
    if (isProblem(error) && error.status === 401) return null;
    throw error;
  });
  return { preview, me };
}

const isInvalid = (error: unknown) => isProblem(error) && [404, 422].includes(error.status);
const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

function Offer({ preview, me, token }: Found & { token: string }) {
  const role = t.shell.roles[preview.role] ?? preview.role;
  const title = a.heading(preview.organization_name);
  const lead = a.lead(preview.inviter, role);
  if (!me)
    return (
      <AuthFrame title={title} lead={lead}>
        <p>{a.signedOut(preview.email)}</p>
        <LinkButton look="primary" href={`/sign-in${NEXT}`}>
          {a.signIn}
        </LinkButton>
        <LinkButton href={`/sign-up${NEXT}`}>{a.signUp}</LinkButton>
      </AuthFrame>
    );
  if (!same(me.user.email, preview.email))
    return (
      <AuthFrame title={a.otherTitle} lead={a.other(preview.email, me.user.email)}>
        <SignOutFirst />
      </AuthFrame>
    );
  return (
    <AuthFrame title={title} lead={lead} foot={a.as(me.user.email)}>
      <Join preview={preview} token={token} />
    </AuthFrame>
  );
}

function Join({ preview, token }: { preview: Preview; token: string }) {
  const join = useAction(async () => {
    const { account_id } = await acceptInvitation(token);
    forgetInvitation();
    await switchAccount(account_id);
  });
  const refused = isProblem(join.error) && join.error.code === "already_member";
  return (
    <>
      {refused && <p role="status">{a.memberAlready}</p>}
      {join.error !== null && !refused && <ProblemNotice error={join.error} />}
      <Button look="primary" busy={join.pending} onClick={() => void join.start(undefined)}>
        {a.join(preview.organization_name)}
      </Button>
      <LinkButton href={START}>{a.home}</LinkButton>
    </>
  );
}

function SignOutFirst() {
  const leave = useAction(async () => {
    await signOut().finally(sessionEnded);
    window.location.assign(`/sign-in${NEXT}`);
  });
  return (
    <>
      {leave.error !== null && <ProblemNotice error={leave.error} />}
      <Button look="primary" busy={leave.pending} onClick={() => void leave.start(undefined)}>
        {a.signOut}
      </Button>
      <LinkButton href={START}>{a.stay}</LinkButton>
    </>
  );
}

export function Told({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <AuthFrame title={title} lead={text}>
      {children ?? <LinkButton href="/">{a.home}</LinkButton>}
    </AuthFrame>
  );
}
