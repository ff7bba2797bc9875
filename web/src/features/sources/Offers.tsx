"use client";
import { useId } from "react";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { ConnectButton } from "./ConnectButton";
import type { Offer } from "./calls";
import { useConnect } from "./queries";
import { TermsOfUse } from "./TermsOfUse";

const s = t.sources;

/** What can be connected here and now. */
export function Offers({ title, offers }: { title: string; offers: readonly Offer[] }) {
  const connect = useConnect();
  return (
    <Card title={title} lead={s.connecting} flush>
      {connect.error && (
        <div className="px-5 pb-3">
          <ProblemNotice error={connect.error} />
        </div>
      )}
      <ul className="divide-y divide-line border-t border-line">
        {offers.map((offer) => (
          <li key={offer.provider} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-5 py-3.5">
            <div className="min-w-0 flex-1 basis-64">
              <h3 className="font-medium">{offer.title}</h3>
              {offer.terms && <TermsOfUse title={offer.title} terms={offer.terms} />}
            </div>
            <ConnectButton
              provider={offer.provider}
              title={offer.title}
              way={offer.way}
              label={s.connectOf(offer.title)}
              busy={connect.isPending && connect.variables === offer.provider}
              onConnect={() => connect.mutate(offer.provider)}
            >
              {s.connect}
            </ConnectButton>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** What can't be connected, and what to do instead. */
export function Unavailable({ offers }: { offers: readonly Offer[] }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-2 text-base font-semibold">
        {s.notHere}
      </h2>
      <dl className="flex flex-col gap-2">
        {offers.map((offer) => (
          <div key={offer.provider} className="sm:flex sm:gap-4">
            <dt className="w-32 shrink-0 font-medium">{offer.title}</dt>
            <dd className="max-w-prose text-pretty text-muted">
              {offer.supported ? s.notSetUp(offer.title) : offer.reason}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
