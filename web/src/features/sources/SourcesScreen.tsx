"use client";
import { Link, useQueryState } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { Arrival } from "./Arrival";
import type { Offer, Source } from "./calls";
import { Offers, Unavailable } from "./Offers";
import { useOffers, useSources } from "./queries";
import { SourceCard } from "./SourceCard";

const s = t.sources;

/** What brings an athlete's training by itself: how each source stands, and what else can be connected. */
export function SourcesScreen() {
  const [address, setAddress] = useQueryState();
  const sources = useSources();
  const offers = useOffers();
  // Who may change something is known as soon as what there is: nothing moves when it comes.
  const me = useMe();
  const both = sources.data && offers.data && me.data && { sources: sources.data, offers: offers.data };
  return (
    <>
      <PageHeader title={s.title} lead={s.lead} />
      <Arrival
        connected={address.connected}
        error={address.error}
        offers={offers.data ?? []}
        onClose={() => setAddress({ connected: "", error: "" })}
      />
      <Loaded
        of={{
          data: both,
          error: sources.error ?? offers.error,
          refetch: () => Promise.all([sources.refetch(), offers.refetch()]),
        }}
      >
        {(known) => <Known {...known} />}
      </Loaded>
    </>
  );
}

function Known({ sources, offers }: { sources: readonly Source[]; offers: readonly Offer[] }) {
  const mayChange = useMay()("fitness.sources.write");
  const free = offers.filter((offer) => offer.offered && !offer.connected);
  const closed = offers.filter((offer) => !offer.offered && !offer.connected);
  return (
    <div className="flex flex-col gap-8">
      {sources.length === 0 ? (
        <Empty title={s.emptyTitle} text={s.emptyText}>
          <LinkButton href="/uploads">{s.upload}</LinkButton>
        </Empty>
      ) : (
        <ul aria-label={s.list} className="flex flex-col gap-4">
          {sources.map((source) => (
            <li key={source.id}>
              <SourceCard
                source={source}
                offer={offers.find(({ provider }) => provider === source.provider)}
                mayChange={mayChange}
              />
            </li>
          ))}
        </ul>
      )}
      {sources.length > 0 && (
        <p className="max-w-prose text-pretty text-muted">
          {s.several}{" "}
          <Link href="/sources/order" className="font-medium text-fg underline underline-offset-4">
            {s.order}
          </Link>
        </p>
      )}
      {free.length > 0 && mayChange && <Offers title={sources.length > 0 ? s.more : s.begin} offers={free} />}
      {closed.length > 0 && <Unavailable offers={closed} />}
    </div>
  );
}
