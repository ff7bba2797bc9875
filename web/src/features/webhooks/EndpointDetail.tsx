"use client";
import { ArrowLeft, Send } from "lucide-react";
import type { ReactNode } from "react";
import { deviceMoment } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { type Endpoint, enableEndpoint, sendTest } from "./calls";
import { DeliveryLog } from "./DeliveryLog";
import { EndpointState } from "./EndpointState";
import { useChange } from "./queries";

const w = t.webhooks;
type Props = { endpoint: Endpoint; writes: boolean; menu: ReactNode; onBack(): void };

/** One endpoint: how it fares, what can be done, and everything that was sent there. */
export function EndpointDetail({ endpoint, writes, menu, onBack }: Props) {
  const test = useChange(() => sendTest(endpoint.id));
  const enable = useChange<void, unknown>(() => enableEndpoint(endpoint.id));
  const failure = test.error ?? enable.error;
  return (
    <>
      <Button look="quiet" className="-ml-3 mb-2" onClick={onBack}>
        <ArrowLeft size={16} aria-hidden />
        {w.back}
      </Button>
      <PageHeader
        title={endpoint.description || w.title}
        lead={<span className="font-mono text-xs break-all">{endpoint.url}</span>}
      >
        {writes && (
          <div className="flex flex-wrap items-center gap-2">
            {endpoint.state === "disabled" && (
              <Button
                look="primary"
                busy={enable.isPending}
                onClick={() => enable.mutate(undefined, { onSuccess: () => toast(w.enabled) })}
              >
                {w.enable}
              </Button>
            )}
            <Button
              busy={test.isPending}
              onClick={() => test.mutate(undefined, { onSuccess: () => toast(w.tested) })}
            >
              <Send size={16} aria-hidden />
              {w.test}
            </Button>
            {menu}
          </div>
        )}
      </PageHeader>
      <div className="flex flex-col gap-5">
        {failure && <ProblemNotice error={failure} />}
        <Condition endpoint={endpoint} />
        <p className="flex flex-wrap items-center gap-2 text-sm">
          <EndpointState endpoint={endpoint} />
          {endpoint.events.map((event) => (
            <code key={event} className="rounded-md border border-line bg-sunken px-1.5 font-mono text-xs">
              {event}
            </code>
          ))}
        </p>
        {endpoint.former_until && (
          <p className="text-sm text-muted">{w.former(deviceMoment(endpoint.former_until))}</p>
        )}
        <DeliveryLog endpoint={endpoint.id} writes={writes} />
      </div>
    </>
  );
}

function Condition({ endpoint }: { endpoint: Endpoint }) {
  if (endpoint.disabled_reason)
    return (
      <p role="status" className="rounded-lg border border-bad/25 bg-bad-soft px-4 py-3 text-sm text-bad">
        {w.disabled[endpoint.disabled_reason]}
      </p>
    );
  if (endpoint.failing_since)
    return (
      <p role="status" className="rounded-lg border border-warn/25 bg-warn-soft px-4 py-3 text-sm text-warn">
        {w.failing(
          deviceMoment(endpoint.failing_since),
          endpoint.held_until ? deviceMoment(endpoint.held_until) : null,
        )}
      </p>
    );
  return null;
}
