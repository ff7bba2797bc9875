"use client";
import { Link2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { FormProblem } from "@/features/auth/FormProblem";
import { isProblem } from "@/lib/api/problem";
import { ago } from "@/lib/format";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { type Identity, linkIdentity, unlinkIdentity } from "./calls";
import { Failure } from "./Failure";
import { useChange, useIdentities, useProviders } from "./queries";
import { Row } from "./Row";
import { RowCard } from "./RowCard";

const Confirm = lazy(() => import("@/ui/Confirm"));

const s = t.security.identities;

/** Accounts at providers that open this one; absent where there is neither one nor any to be had. */
export function IdentitiesCard() {
  const [query] = useQueryState();
  const providers = useProviders();
  const identities = useIdentities();
  const [unlinking, setUnlinking] = useState<Identity | null>(null);
  const titles = new Map((providers.data ?? []).map((one) => [one.id, one.title]));
  const titleOf = (one: Identity) => (one.provider && titles.get(one.provider)) || one.provider || s.unknown;
  const unlink = useChange(unlinkIdentity, {
    said: () => s.unlinked(unlinking ? titleOf(unlinking) : s.unknown),
    after: () => setUnlinking(null),
  });
  const link = useChange(linkIdentity, { after: (address) => window.location.assign(address) });
  const rows = identities.data ?? [];
  const free = (providers.data ?? []).filter((one) => !rows.some((row) => row.provider === one.id));
  if (!identities.isError && rows.length === 0 && free.length === 0) return null;
  const came = query.error ? (t.ways.refused[query.error] ?? t.ways.refusedOtherwise) : null;
  return (
    <RowCard
      title={s.title}
      lead={s.lead}
      query={identities}
      failed={link.error && <FormProblem error={link.error} />}
    >
      {came && (
        <li className="px-5 py-3">
          <FormProblem error={came} text={came} />
        </li>
      )}
      {rows.map((one) => (
        <Row
          key={one.id}
          icon={<Link2 size={18} aria-hidden />}
          title={titleOf(one)}
          text={[one.email, s.linked(ago(one.created_at))].filter(Boolean).join(" · ")}
        >
          <Button
            aria-label={s.unlinkOne(titleOf(one))}
            onClick={() => {
              unlink.reset();
              setUnlinking(one);
            }}
          >
            {s.unlink}
          </Button>
        </Row>
      ))}
      {free.map((one) => (
        <Row key={one.id} icon={<Link2 size={18} aria-hidden />} title={one.title} text={s.empty}>
          <Button
            aria-label={s.linkOne(one.title)}
            busy={link.isPending && link.variables === one.id}
            onClick={() => link.mutate(one.id)}
          >
            {s.link}
          </Button>
        </Row>
      ))}
      <Suspense>
        {unlinking && (
          <Confirm
            open
            danger
            title={s.unlinkTitle(titleOf(unlinking))}
            text={s.unlinkText}
            action={s.unlink}
            busy={unlink.isPending}
            onConfirm={() => unlink.mutate(unlinking.id)}
            onClose={() => setUnlinking(null)}
          >
            <Failure
              error={unlink.error}
              text={isProblem(unlink.error) && unlink.error.code === "last_way_in" ? s.lastWay : null}
            />
          </Confirm>
        )}
      </Suspense>
    </RowCard>
  );
}
