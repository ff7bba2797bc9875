"use client";
import { today } from "@/features/calendar/month";
import { dateName } from "@/features/load/dates";
import { useSources } from "@/features/sources/queries";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { AdviceLine } from "./AdviceLine";
import { FormCard } from "./FormCard";
import { LastWorkouts } from "./LastWorkouts";
import { NeedsYou } from "./NeedsYou";
import { useCards, useLastWorkouts, useRecovery } from "./queries";
import { RecoveryCard } from "./RecoveryCard";
import { WeekCard } from "./WeekCard";

const SHOWN = 5;
const d = t.today;

/** Where an athlete stands today, and what needs them. */
export function TodayScreen() {
  const last = useLastWorkouts();
  const sources = useSources();
  const recovery = useRecovery();
  const cards = useCards();
  const both = cards && last.data && sources.data && { last: last.data.data, sources: sources.data };
  return (
    <>
      <PageHeader title={d.title} lead={both && dateName(today())} />
      <Loaded
        of={{
          data: both || undefined,
          error: last.error ?? sources.error,
          refetch: () => Promise.all([last.refetch(), sources.refetch()]),
        }}
        rows={6}
      >
        {(known) =>
          known.last.length === 0 && known.sources.length === 0 && !recovery.data?.data.length ? (
            <Empty title={d.emptyTitle} text={d.emptyText}>
              <span className="flex flex-wrap gap-2">
                <LinkButton href="/sources" look="primary">
                  {d.connect}
                </LinkButton>
                <LinkButton href="/uploads">{d.upload}</LinkButton>
              </span>
            </Empty>
          ) : (
            <div className="flex flex-col gap-5">
              <AdviceLine />
              <NeedsYou sources={known.sources} />
              <div className="grid gap-5 lg:grid-cols-2 xl:grid-cols-3">
                <div className="grid lg:col-span-2">
                  <FormCard />
                </div>
                <RecoveryCard sources={known.sources} />
                <div className="grid xl:order-last">
                  <WeekCard />
                </div>
                {known.last.length > 0 && (
                  <div className="grid lg:col-span-2">
                    <LastWorkouts workouts={known.last.slice(0, SHOWN)} />
                  </div>
                )}
              </div>
            </div>
          )
        }
      </Loaded>
    </>
  );
}
