"use client";
import { lazy, type ReactNode, Suspense, useId, useState } from "react";
import { isProblem } from "@/lib/api";
import { later, providerName } from "@/lib/format";
import { share } from "@/lib/job";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Progress } from "@/ui/Progress";
import { ConnectButton } from "./ConnectButton";
import type { Offer, Source, SourceDetail } from "./calls";
import { healthOf } from "./health";
import { useConnect, useSource, useSourceAction, useSync } from "./queries";
import { TermsOfUse } from "./TermsOfUse";

const DisconnectDialog = lazy(() => import("./DisconnectDialog"));

const s = t.sources;

type Props = { source: Source; offer: Offer | undefined; mayChange: boolean };

/** One source: how it stands, what it has brought, and what can be done. */
export function SourceCard({ source, offer, mayChange }: Props) {
  const id = useId();
  const title = offer?.title ?? providerName(source.provider);
  const detail = useSource(source).data;
  const job = useSync(detail?.job_id ?? null);
  const health = healthOf({ ...detail, ...source }, title);
  return (
    <article aria-labelledby={id} className="rounded-xl border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 px-5 pt-4">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        <Chip tone={health.tone}>{health.word}</Chip>
        {mayChange && (
          <span className="ml-auto flex flex-wrap gap-2">
            <Actions source={source} title={title} way={offer?.way} todo={health.todo} detail={detail} />
          </span>
        )}
      </header>
      <div className="flex flex-col gap-3 px-5 pt-1 pb-4">
        <p className="max-w-prose text-pretty">{health.text}</p>
        {source.status === "syncing" && (
          <div className="flex items-center gap-3">
            <div className="min-w-0 flex-1">
              <Progress label={s.progress(title)} value={share(job)} />
            </div>
            <span role="status" className="figures text-sm text-muted">
              {s.soFar(job?.done ?? 0)}
            </span>
          </div>
        )}
        {source.last_sync && <Facts source={source} detail={detail} />}
        {offer?.terms && <TermsOfUse title={title} terms={offer.terms} />}
      </div>
    </article>
  );
}

function Facts({ source, detail }: { source: Source; detail: SourceDetail | undefined }) {
  const { quota } = source;
  const figure = (n: number | undefined) => (n === undefined ? "…" : n.toLocaleString("en"));
  return (
    <dl className="figures flex flex-wrap gap-x-8 gap-y-2">
      <Fact term={s.brought}>{figure(detail?.workouts)}</Fact>
      <Fact term={s.alone}>{figure(detail?.alone)}</Fact>
      {quota && (
        <Fact term={s.usedLabel}>
          {s.used(figure(quota.used), figure(quota.limit))}{" "}
          <span className="text-muted">{s.resets(later(quota.resets_at))}</span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted">{term}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}

type ActionsProps = {
  source: Source;
  title: string;
  way: Offer["way"] | undefined;
  todo: "connect" | "sync" | null;
  detail: SourceDetail | undefined;
};

function Actions({ source, title, way, todo, detail }: ActionsProps) {
  const [leaving, setLeaving] = useState(false);
  const connect = useConnect();
  const sync = useSourceAction("sync", title);
  const problem = connect.error ?? sync.error;
  return (
    <>
      {todo === "connect" ? (
        <ConnectButton
          provider={source.provider}
          title={title}
          way={way}
          look="primary"
          label={s.againOf(title)}
          busy={connect.isPending}
          onConnect={() => connect.mutate(source.provider)}
        >
          {s.again}
        </ConnectButton>
      ) : (
        <Button
          look={todo === "sync" ? "primary" : "secondary"}
          aria-label={s.syncOf(title)}
          busy={sync.isPending || source.status === "syncing"}
          onClick={() => sync.mutate(source.id)}
        >
          {s.sync}
        </Button>
      )}
      <Button look="quiet" aria-label={s.disconnectOf(title)} onClick={() => setLeaving(true)}>
        {s.disconnect}
      </Button>
      {problem && (
        <div className="w-full">
          <ProblemNotice error={problem} />
          {isProblem(problem) && problem.status === 429 && (
            <p className="mt-1 text-xs text-muted">{s.often}</p>
          )}
        </div>
      )}
      <Suspense>
        {leaving && (
          <DisconnectDialog source={source} title={title} detail={detail} onClose={() => setLeaving(false)} />
        )}
      </Suspense>
    </>
  );
}
