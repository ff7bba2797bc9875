"use client";
import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { ago } from "@/lib/format";
import { useQueryState } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Later } from "@/ui/Later";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import type { Endpoint } from "./calls";
import { EndpointDetail } from "./EndpointDetail";
import type { EndpointDeed } from "./EndpointMenu";
import { EndpointState } from "./EndpointState";
import { useEndpoints } from "./queries";

const EndpointForm = lazy(() => import("./EndpointForm"));
const EndpointDialogs = lazy(() => import("./EndpointDialogs"));
const EndpointMenu = lazy(() => import("./EndpointMenu"));
const w = t.webhooks;

/** The organization's webhook endpoints; the one that is open stands in the address. */
export function WebhooksScreen() {
  const endpoints = useEndpoints();
  const writes = useMay()("kernel.webhooks.write");
  const [address, setAddress] = useQueryState();
  const [making, setMaking] = useState(false);
  // Here and not in the row: a secret that is shown must not go with a row that is drawn anew.
  const [asked, setAsked] = useState<{ endpoint: Endpoint; deed: EndpointDeed } | null>(null);
  const open = endpoints.data?.find((one) => one.id === address.endpoint);
  const menu = (endpoint: Endpoint) => (
    <Later place="size-9 pointer-coarse:size-11">
      <EndpointMenu endpoint={endpoint} onAsk={(deed) => setAsked({ endpoint, deed })} />
    </Later>
  );
  return (
    <>
      {open ? (
        <EndpointDetail
          endpoint={open}
          writes={writes}
          menu={menu(open)}
          onBack={() => setAddress({ endpoint: "", delivery: "", state: "" })}
        />
      ) : (
        <>
          <PageHeader title={w.title} lead={w.lead}>
            {writes && (
              <Button look="primary" onClick={() => setMaking(true)}>
                <Plus size={16} aria-hidden />
                {w.create}
              </Button>
            )}
          </PageHeader>
          <Loaded of={endpoints}>
            {(rows) =>
              rows.length === 0 ? (
                <Empty title={w.emptyTitle} text={w.emptyText}>
                  {writes && <Button onClick={() => setMaking(true)}>{w.create}</Button>}
                </Empty>
              ) : (
                <RowTable
                  label={w.title}
                  rows={rows}
                  keyOf={(row) => row.id}
                  columns={[
                    {
                      key: "url",
                      label: w.url,
                      value: (row) => <Named endpoint={row} onOpen={setAddress} />,
                    },
                    { key: "state", label: w.state, value: (row) => <EndpointState endpoint={row} /> },
                    {
                      key: "events",
                      label: w.events,
                      value: (row) => (
                        <span title={row.events.join("\n")} className="whitespace-nowrap">
                          {row.events.includes("*") ? "*" : row.events.slice(0, 2).join(", ")}
                          {row.events.length > 2 && ` +${row.events.length - 2}`}
                        </span>
                      ),
                    },
                    {
                      key: "last",
                      label: w.lastSuccess,
                      named: true,
                      value: (row) => (
                        <span className="whitespace-nowrap text-muted">
                          {row.last_success_at ? ago(row.last_success_at) : w.never}
                        </span>
                      ),
                    },
                  ]}
                  actions={writes ? { label: w.actionsColumn, of: menu } : undefined}
                />
              )
            }
          </Loaded>
        </>
      )}
      <Suspense>
        {making && <EndpointForm onClose={() => setMaking(false)} />}
        {asked && <EndpointDialogs {...asked} onClose={() => setAsked(null)} />}
      </Suspense>
    </>
  );
}

type NamedProps = { endpoint: Endpoint; onOpen(change: Record<string, string>): void };

function Named({ endpoint, onOpen }: NamedProps) {
  return (
    <span className="block min-w-0 max-w-96">
      <button
        type="button"
        className="block max-w-full truncate rounded text-left font-medium text-accent hover:underline"
        onClick={() => onOpen({ endpoint: endpoint.id })}
      >
        {endpoint.url}
      </button>
      {endpoint.description && (
        <span className="block truncate text-xs text-muted">{endpoint.description}</span>
      )}
    </span>
  );
}
