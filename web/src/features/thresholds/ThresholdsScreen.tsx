"use client";
import { LOAD_TABS } from "@/features/load/tabs";
import * as t from "@/texts/en";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { SectionNav } from "@/ui/SectionNav";
import { History } from "./History";
import { InForce } from "./InForce";
import { Proposals } from "./Proposals";
import { useProfile, useProposals, useThresholds } from "./queries";
import { ZonesToday } from "./ZonesToday";

const h = t.thresholds;

/** What load and zones are judged by: what holds today, what the data propose, and all that was set. */
export function ThresholdsScreen() {
  const profile = useProfile();
  const all = useThresholds();
  const proposals = useProposals();
  const known =
    profile.data && all.data && proposals.data
      ? { profile: profile.data, all: all.data, proposals: proposals.data }
      : undefined;
  return (
    <>
      <PageHeader title={h.title} lead={h.lead} />
      <SectionNav label={t.load.tabs} items={LOAD_TABS} />
      <Loaded
        of={{
          data: known,
          error: profile.error ?? all.error ?? proposals.error,
          refetch: () => Promise.all([profile.refetch(), all.refetch(), proposals.refetch()]),
        }}
        rows={8}
      >
        {(found) => (
          <div className="flex flex-col gap-5">
            <InForce profile={found.profile} all={found.all} />
            <Proposals proposals={found.proposals} />
            <ZonesToday profile={found.profile} all={found.all} />
            <History all={found.all} />
          </div>
        )}
      </Loaded>
    </>
  );
}
