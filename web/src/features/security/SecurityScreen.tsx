"use client";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { PageHeader } from "@/ui/PageHeader";
import { Demand } from "./Demand";
import { EventsCard } from "./EventsCard";
import { IdentitiesCard } from "./IdentitiesCard";
import { PasskeysCard } from "./PasskeysCard";
import { SessionsCard } from "./SessionsCard";
import { SignInCard } from "./SignInCard";
import { TwoStepCard } from "./TwoStepCard";

/** How one signs in, where one is signed in, and what has happened. */
export function SecurityScreen() {
  const [query] = useQueryState();
  return (
    <>
      <PageHeader title={t.security.title} lead={t.security.lead} />
      <div className="flex max-w-2xl flex-col gap-5">
        {query.demanded && <Demand />}
        <SignInCard />
        <TwoStepCard />
        <PasskeysCard />
        <SessionsCard />
        <IdentitiesCard />
        <EventsCard />
      </div>
    </>
  );
}
