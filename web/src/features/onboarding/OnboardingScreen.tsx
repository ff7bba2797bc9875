"use client";
import { useQueryClient } from "@tanstack/react-query";
import { ACCOUNT_PREFERENCES } from "@/lib/preferences/account";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useKeepOnboarding, useOnboarding } from "./queries";
import { Wizard } from "./Wizard";

const s = t.onboarding;

/** Goes on where the person stopped, on whichever device that was. */
export function OnboardingScreen() {
  const { data, error, isFetchedAfterMount, refetch } = useOnboarding({ fresh: true });
  const keep = useKeepOnboarding();
  const client = useQueryClient();
  if (!isFetchedAfterMount) return <WizardSkeleton />;
  if (!data)
    return (
      <>
        <PageHeader title={s.title} lead={s.lead} />
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      </>
    );
  if (data.stage === "completed") return <Completed />;
  return (
    <Wizard
      progress={data}
      onCompleted={(progress) => {
        void client.invalidateQueries({ queryKey: ACCOUNT_PREFERENCES });
        keep(progress);
      }}
    />
  );
}

function Completed() {
  return (
    <>
      <PageHeader title={s.completedTitle} />
      <div className="max-w-xl">
        <Card>
          <p role="status" className="text-pretty">
            {s.completedText}
          </p>
          <div className="mt-5 flex flex-wrap gap-2">
            <LinkButton href="/workouts" look="primary">
              {s.toWorkouts}
            </LinkButton>
            <LinkButton href="/settings">{s.toSettings}</LinkButton>
          </div>
        </Card>
      </div>
    </>
  );
}

function WizardSkeleton() {
  return (
    <>
      <PageHeader title={s.title} lead={s.lead} />
      <div aria-busy="true" className="grid gap-6 md:grid-cols-[13rem_minmax(0,36rem)]">
        <span className="sr-only">{t.common.loading}</span>
        <div className="skeleton h-24" />
        <div className="skeleton h-128 w-full" />
      </div>
    </>
  );
}
