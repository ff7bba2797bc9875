"use client";
import type { RowSelectionState } from "@tanstack/react-table";
import { useState } from "react";
import { AthletesOr } from "@/features/athletes/AthletesOr";
import { DropTarget } from "@/features/uploads/UploadsScreen";
import { useFilePicker } from "@/features/uploads/useFilePicker";
import { WhereFiles } from "@/features/uploads/WhereFiles";
import { useAthlete } from "@/lib/athlete";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button, LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { SectionNav } from "@/ui/SectionNav";
import { FilterBar } from "./FilterBar";
import { useWorkouts } from "./queries";
import { FILTERS, hasFilters, workoutQuery } from "./query";
import { SelectionBar } from "./SelectionBar";
import { TableSkeleton } from "./TableSkeleton";
import { WORKOUT_TABS } from "./tabs";
import { WorkoutsTable } from "./WorkoutsTable";

export function WorkoutsScreen() {
  const [address, setAddress] = useQueryState();
  const athlete = useAthlete();
  const query = workoutQuery(address);
  const workouts = useWorkouts(athlete ? { ...query, athlete_id: athlete } : query);
  const [selected, setSelected] = useState<RowSelectionState>({});
  const pick = useFilePicker();
  const { rows } = workouts;
  if (workouts.isSuccess && rows.length === 0 && !hasFilters(query) && !athlete) return <FirstSteps />;
  const clear = () => setAddress(Object.fromEntries(FILTERS.map((name) => [name, ""])));
  return (
    <>
      <AthletesOr athlete={athlete}>
        <PageHeader title={t.workouts.title}>
          <div className="flex flex-wrap gap-2">
            <LinkButton href="/exports">{t.workouts.exports}</LinkButton>
            <Button onClick={pick}>{t.palette.upload}</Button>
          </div>
        </PageHeader>
        <SectionNav label={t.calendar.tabs} items={WORKOUT_TABS} />
      </AthletesOr>
      <FilterBar
        query={query}
        onChange={setAddress}
        onClear={clear}
        count={workouts.isSuccess ? t.workouts.loaded(rows.length, !workouts.hasNextPage) : ""}
      />
      {workouts.isError && (
        <div className="mb-4">
          <ProblemNotice error={workouts.error} onRetry={() => void workouts.refetch()} />
        </div>
      )}
      {workouts.isPending && <TableSkeleton />}
      {workouts.isSuccess && rows.length === 0 && !hasFilters(query) && (
        <p className="text-pretty text-muted">{t.athletes.noWorkouts}</p>
      )}
      {workouts.isSuccess && rows.length === 0 && hasFilters(query) && (
        <Empty title={t.workouts.noMatchTitle} text={t.workouts.noMatchText}>
          <Button onClick={clear}>{t.workouts.filters.clear}</Button>
        </Empty>
      )}
      {rows.length > 0 && (
        <WorkoutsTable
          rows={rows}
          sort={query.sort ?? ""}
          onSort={(sort) => setAddress({ sort })}
          hasMore={workouts.hasNextPage}
          loadingMore={workouts.isFetchingNextPage}
          stale={workouts.isPlaceholderData}
          onMore={() => void workouts.fetchNextPage()}
          selected={selected}
          onSelect={athlete ? undefined : setSelected}
        />
      )}
      <SelectionBar ids={Object.keys(selected)} onClear={() => setSelected({})} />
    </>
  );
}

/** What someone without workouts sees: what to do, which files, where to get them. */
function FirstSteps() {
  return (
    <>
      <PageHeader title={t.workouts.emptyTitle} lead={t.workouts.emptyText}>
        <LinkButton href="/sources">{t.workouts.connect}</LinkButton>
      </PageHeader>
      <DropTarget />
      <WhereFiles />
    </>
  );
}
