"use client";
import type { Match, MatchState } from "@/lib/api";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Choices } from "@/ui/Choices";
import { Empty } from "@/ui/Empty";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { MatchCard } from "./MatchCard";
import { useDecision, useMatches } from "./queries";

const STATES = ["open", "same", "different"] as const satisfies readonly MatchState[];

export function DuplicatesScreen() {
  const [query, setQuery] = useQueryState();
  const state = STATES.find((known) => known === query.state) ?? "open";
  const matches = useMatches(state);
  const decide = useDecide();
  const all = matches.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <PageHeader title={t.duplicates.title} lead={t.duplicates.lead} />
      <div className="mb-4">
        <Choices
          label={t.duplicates.state}
          hideLabel
          value={state}
          options={STATES.map((option) => [option, t.duplicates[option]] as const)}
          onChange={(next) => setQuery({ state: next === "open" ? "" : next })}
        />
      </div>
      {matches.isError && <ProblemNotice error={matches.error} onRetry={() => void matches.refetch()} />}
      {decide.error && <ProblemNotice error={decide.error} />}
      {matches.isPending && !matches.isError && (
        <div className="flex flex-col gap-4" aria-busy="true">
          <div className="skeleton h-96" />
          <div className="skeleton h-96" />
        </div>
      )}
      {matches.isSuccess && all.length === 0 && (
        <Empty title={t.duplicates.emptyTitle[state]} text={t.duplicates.emptyText[state]} />
      )}
      <div className="flex flex-col gap-4">
        {all.map((match) => (
          <MatchCard
            key={match.id}
            match={match}
            pending={decide.pendingFor(match.id)}
            onDecide={(same) => decide.run(match, same)}
          />
        ))}
      </div>
      {matches.hasNextPage && (
        <div className="mt-4">
          <Button busy={matches.isFetchingNextPage} onClick={() => void matches.fetchNextPage()}>
            {t.common.more}
          </Button>
        </div>
      )}
    </>
  );
}

/** A decision can be taken back by deciding the other way. */
function useDecide() {
  const decision = useDecision();
  const run = ({ id }: Match, same: boolean) =>
    decision.mutate(
      { id, same },
      {
        onSuccess: () =>
          toast(same ? t.duplicates.sameDone : t.duplicates.differentDone, {
            action: same ? t.common.undo : t.duplicates.combineAfterAll,
            onAction: () =>
              decision.mutate(
                { id, same: !same },
                { onSuccess: () => toast(same ? t.duplicates.separated : t.duplicates.sameDone) },
              ),
          }),
      },
    );
  const pendingFor = (id: string) =>
    decision.isPending && decision.variables.id === id
      ? decision.variables.same
        ? "same"
        : "different"
      : null;
  return { run, pendingFor, error: decision.error } as const;
}
