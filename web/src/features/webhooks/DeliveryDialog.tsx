"use client";
import type { ReactNode } from "react";
import { deviceMoment } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { retryDelivery } from "./calls";
import { useChange, useDelivery } from "./queries";

const d = t.webhooks.delivery;
type Props = { endpoint: string; delivery: string; writes: boolean; onClose(): void };

/** One delivery: what was sent, and every try with its answer. */
export default function DeliveryDialog({ endpoint, delivery, writes, onClose }: Props) {
  const asked = useDelivery(endpoint, delivery);
  const retry = useChange(() => retryDelivery(endpoint, delivery));
  return (
    <Dialog open title={asked.data?.type ?? t.webhooks.log.title} onClose={onClose}>
      {/* One height: what comes later must not move what is being read. */}
      <div className="min-h-[83dvh]">
        <Loaded of={asked}>
          {(found) => (
            <div className="flex flex-col gap-5 text-sm">
              <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-4 gap-y-2">
                <Fact name={d.id}>
                  <code className="font-mono text-xs break-all">{found.message_id}</code>
                </Fact>
                <Fact name={d.state}>
                  {t.webhooks.log.states[found.state]}
                  {found.state !== "delivered" && found.error && ` · ${reason(found.error)}`}
                </Fact>
                <Fact name={d.created}>{deviceMoment(found.created_at)}</Fact>
                {found.delivered_at && <Fact name={d.delivered}>{deviceMoment(found.delivered_at)}</Fact>}
                {found.next_attempt_at && <Fact name={d.next}>{deviceMoment(found.next_attempt_at)}</Fact>}
              </dl>
              {writes && found.state !== "pending" && (
                <div>
                  <Button
                    busy={retry.isPending}
                    onClick={() => retry.mutate(undefined, { onSuccess: () => toast(d.retried) })}
                  >
                    {d.retry}
                  </Button>
                </div>
              )}
              {retry.error && <ProblemNotice error={retry.error} />}
              <section>
                <h3 className="mb-2 font-medium">{d.tries}</h3>
                {found.tries.length === 0 && <p className="text-muted">{d.none}</p>}
                <ol className="flex flex-col gap-3">
                  {found.tries.map((one) => (
                    <li key={one.number} className="rounded-lg border border-line p-3">
                      <p className="figures flex flex-wrap gap-x-3">
                        <span className="text-muted">{deviceMoment(one.at)}</span>
                        <span>{d.took(one.duration_ms)}</span>
                        {one.status && <span>{one.status}</span>}
                        {one.error && <span className="text-bad">{reason(one.error)}</span>}
                      </p>
                      {one.response && <Code label={d.answer}>{one.response}</Code>}
                    </li>
                  ))}
                </ol>
              </section>
              <section>
                <h3 className="mb-2 font-medium">{d.body}</h3>
                {found.body === null || found.body === undefined ? (
                  <p className="text-muted">{d.hidden}</p>
                ) : (
                  <Code label={d.body}>{pretty(found.body)}</Code>
                )}
              </section>
            </div>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

const reason = (error: string) => t.webhooks.errors[error] ?? error;

/** For reading; what was sent has no line breaks. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="break-words">{children}</dd>
    </>
  );
}

function Code({ label, children }: { label: string; children: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in
    <div
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="mt-2 max-h-64 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-5 whitespace-pre-wrap break-words"
    >
      {children}
    </div>
  );
}
