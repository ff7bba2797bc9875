"use client";
import { lazy, Suspense } from "react";
import { AthletesOr } from "@/features/athletes/AthletesOr";
import { useAthlete } from "@/lib/athlete";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { useLatest } from "./queries";
import { inOrder, kindOf, rangeOf, USUAL_RANGE } from "./reading";
import { Tiles } from "./Tiles";

const KindCard = lazy(() => import("./KindCard"));

const b = t.body;

/** What an athlete's devices say of their sleep and body: the newest of each kind, and one of them over time. */
export function BodyScreen() {
  const [address, setAddress] = useQueryState();
  const athlete = useAthlete();
  const latest = useLatest();
  return (
    <>
      <AthletesOr athlete={athlete}>
        <PageHeader title={b.title} lead={b.lead} />
      </AthletesOr>
      <Loaded of={latest} rows={6}>
        {({ data, meta }) => {
          const known = inOrder(data);
          const kind = kindOf(address.kind, known);
          if (!kind && athlete) return <p className="text-pretty text-muted">{t.athletes.noBody}</p>;
          if (!kind)
            return (
              <Empty title={b.emptyTitle} text={b.emptyText}>
                <span className="flex flex-wrap gap-2">
                  <LinkButton href="/sources" look="primary">
                    {b.connect}
                  </LinkButton>
                  <LinkButton href="/uploads">{b.upload}</LinkButton>
                </span>
              </Empty>
            );
          return (
            <div className="flex flex-col gap-5">
              <Tiles readings={known} chosen={kind} onChoose={(one) => setAddress({ kind: one })} />
              <Suspense fallback={<div className="skeleton h-96 w-full rounded-xl" />}>
                <KindCard
                  key={kind}
                  kind={kind}
                  range={rangeOf(address.range)}
                  onRange={(range) => setAddress({ range: range === USUAL_RANGE ? "" : range })}
                />
              </Suspense>
              <p className="max-w-prose text-pretty text-xs text-muted">{meta.disclaimer}</p>
            </div>
          );
        }}
      </Loaded>
    </>
  );
}
