"use client";
import { RefreshCw } from "lucide-react";
import { lazy, Suspense } from "react";
import { ago, deviceMoment } from "@/lib/format";
import { useQueryState, useSorting } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button, IconButton } from "@/ui/Button";
import { Chip, type Tone } from "@/ui/Chip";
import { Choices } from "@/ui/Choices";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { RowTable } from "@/ui/RowTable";
import type { Delivery, DeliveryState } from "./calls";
import { useDeliveries } from "./queries";

const DeliveryDialog = lazy(() => import("./DeliveryDialog"));
const l = t.webhooks.log;
const STATES = ["", "failed", "pending", "delivered"] as const;
const TONES: Record<DeliveryState, Tone> = { pending: "accent", delivered: "ok", failed: "bad" };

/** What was sent to an endpoint; filter and the delivery that is open stand in the address. */
export function DeliveryLog({ endpoint, writes }: { endpoint: string; writes: boolean }) {
  const [address, setAddress] = useQueryState();
  const state = STATES.find((one) => one === address.state) ?? "";
  const sorting = useSorting("-created_at");
  const deliveries = useDeliveries(endpoint, state, sorting.sort);
  return (
    <section aria-labelledby="delivery-log">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <h2 id="delivery-log" className="text-base font-semibold">
          {l.title}
        </h2>
        <div className="flex items-center gap-2">
          <Choices
            label={l.filter}
            hideLabel
            value={state}
            options={STATES.map((one) => [one, l.filters[one]] as const)}
            onChange={(next) => setAddress({ state: next })}
          />
          <IconButton label={l.refresh} onClick={() => void deliveries.refetch()}>
            <RefreshCw size={16} aria-hidden />
          </IconButton>
        </div>
      </div>
      <Loaded of={deliveries}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={state ? l.noneTitle : l.emptyTitle} text={state ? l.noneText : l.emptyText} />
          ) : (
            <>
              <RowTable
                label={l.title}
                rows={rows}
                sorting={sorting}
                keyOf={(row) => row.id}
                columns={[
                  {
                    key: "message",
                    label: l.message,
                    value: (row) => (
                      <button
                        type="button"
                        aria-haspopup="dialog"
                        aria-label={l.open(row.type)}
                        className="block max-w-full truncate rounded text-left font-mono text-xs font-medium text-accent hover:underline"
                        onClick={() => setAddress({ delivery: row.id })}
                      >
                        {row.type}
                      </button>
                    ),
                  },
                  { key: "state", label: l.state, value: (row) => <State delivery={row} /> },
                  {
                    key: "tries",
                    label: l.tries,
                    named: true,
                    value: (row) => <span className="figures">{row.attempts}</span>,
                  },
                  {
                    key: "when",
                    sort: "-created_at",
                    label: l.when,
                    value: (row) => (
                      <span title={deviceMoment(row.created_at)} className="whitespace-nowrap text-muted">
                        {ago(row.created_at)}
                      </span>
                    ),
                  },
                ]}
              />
              {deliveries.hasNextPage && (
                <div className="mt-3">
                  <Button
                    busy={deliveries.isFetchingNextPage}
                    onClick={() => void deliveries.fetchNextPage()}
                  >
                    {t.common.more}
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
      <Suspense>
        {address.delivery && (
          <DeliveryDialog
            endpoint={endpoint}
            delivery={address.delivery}
            writes={writes}
            onClose={() => setAddress({ delivery: "" })}
          />
        )}
      </Suspense>
    </section>
  );
}

function State({ delivery }: { delivery: Delivery }) {
  const again = delivery.state === "pending" ? delivery.next_attempt_at : null;
  const why = delivery.state !== "delivered" && delivery.error ? t.webhooks.errors[delivery.error] : null;
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
      <Chip fixed tone={TONES[delivery.state]}>
        {l.states[delivery.state]}
      </Chip>
      {delivery.status && <span className="figures text-muted">{delivery.status}</span>}
      <span className="text-xs text-muted">
        {[why, again && delivery.attempts > 0 && l.next(deviceMoment(again))].filter(Boolean).join(" · ")}
      </span>
    </span>
  );
}
