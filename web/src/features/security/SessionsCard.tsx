"use client";
import { Monitor, Smartphone } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { FormProblem } from "@/features/auth/FormProblem";
import { ago } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { endOtherSessions, endSession, type Session } from "./calls";
import { Failure } from "./Failure";
import { useChange, useSessions } from "./queries";
import { Row } from "./Row";
import { RowCard } from "./RowCard";

const Confirm = lazy(() => import("@/ui/Confirm"));

const s = t.security.sessions;
const PHONES = /iPhone|iPad|Android|phone/i;

/** Where one is signed in, this one first; each can be ended. */
export function SessionsCard() {
  const sessions = useSessions();
  const [asking, setAsking] = useState(false);
  const others = useChange(endOtherSessions, { said: s.othersEnded, after: () => setAsking(false) });
  const rows = [...(sessions.data ?? [])].sort((a, b) => Number(b.current) - Number(a.current));
  return (
    <RowCard
      title={s.title}
      lead={s.lead}
      query={sessions}
      actions={rows.length > 1 && <Button onClick={() => setAsking(true)}>{s.endOthers}</Button>}
    >
      {rows.map((one) => (
        <SessionRow key={one.id} session={one} />
      ))}
      {rows.length === 1 && <li className="px-5 py-3 text-muted">{s.alone}</li>}
      <Suspense>
        {asking && (
          <Confirm
            open
            danger
            title={s.othersTitle}
            text={s.othersText}
            action={s.endOthers}
            busy={others.isPending}
            onConfirm={() => others.mutate(undefined)}
            onClose={() => setAsking(false)}
          >
            <Failure error={others.error} />
          </Confirm>
        )}
      </Suspense>
    </RowCard>
  );
}

function SessionRow({ session }: { session: Session }) {
  const end = useChange(endSession, { said: s.ended(session.device) });
  const Icon = PHONES.test(session.device) ? Smartphone : Monitor;
  const where = [session.place ?? s.placeUnknown, session.client_address, session.organization_name];
  return (
    <>
      <Row
        icon={<Icon size={18} aria-hidden />}
        title={session.device}
        chips={session.current && <Chip tone="ok">{s.current}</Chip>}
        text={
          <>
            {where.filter(Boolean).join(" · ")}
            <br />
            {`${s.seen(ago(session.last_seen_at))}, ${s.begun(ago(session.created_at))}`}
          </>
        }
      >
        {!session.current && (
          <Button
            busy={end.isPending}
            aria-label={s.endOne(session.device)}
            onClick={() => end.mutate(session.id)}
          >
            {s.end}
          </Button>
        )}
      </Row>
      {end.error && (
        <li className="px-5 py-3">
          <FormProblem error={end.error} />
        </li>
      )}
    </>
  );
}
