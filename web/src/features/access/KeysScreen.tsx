"use client";
import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { ago, deviceDay, deviceMoment } from "@/lib/format";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Empty } from "@/ui/Empty";
import { Later } from "@/ui/Later";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { type RowColumn, RowTable } from "@/ui/RowTable";
import type { ApiKey } from "./calls";
import type { KeyDeed } from "./KeyMenu";
import { useKeys, usePermissions } from "./queries";

const NewKey = lazy(() => import("./NewKey"));
const KeyDialogs = lazy(() => import("./KeyDialogs"));
const KeyMenu = lazy(() => import("./KeyMenu"));
const k = t.access.keys;

/** One's API keys, without their secrets; those that have ended stand below. */
export function KeysScreen() {
  const keys = useKeys();
  const may = useMay();
  const [making, setMaking] = useState(false);
  // Here and not in the row: a secret that is shown must not go with a row that is drawn anew.
  const [asked, setAsked] = useState<{ apiKey: ApiKey; deed: KeyDeed } | null>(null);
  const writes = may("kernel.api_keys.write");
  // Known before somebody chooses among them.
  usePermissions();
  return (
    <>
      <PageHeader title={k.title} lead={k.lead}>
        {writes && (
          <Button look="primary" onClick={() => setMaking(true)}>
            <Plus size={16} aria-hidden />
            {k.create}
          </Button>
        )}
      </PageHeader>
      <Loaded of={keys}>
        {(rows) => {
          const living = rows.filter((key) => key.state === "active");
          const ended = rows.filter((key) => key.state !== "active");
          return (
            <div className="flex flex-col gap-8">
              {living.length === 0 ? (
                <Empty title={k.emptyTitle} text={k.emptyText}>
                  {writes && <Button onClick={() => setMaking(true)}>{k.create}</Button>}
                </Empty>
              ) : (
                <RowTable
                  label={k.title}
                  columns={COLUMNS}
                  rows={living}
                  keyOf={(key) => key.id}
                  actions={
                    writes
                      ? {
                          label: t.organization.members.actionsColumn,
                          of: (key) => (
                            <Later place="size-9 pointer-coarse:size-11">
                              <KeyMenu name={key.name} onAsk={(deed) => setAsked({ apiKey: key, deed })} />
                            </Later>
                          ),
                        }
                      : undefined
                  }
                />
              )}
              {ended.length > 0 && (
                <section>
                  <h2 className="mb-3 text-base font-semibold">{k.ended}</h2>
                  <RowTable label={k.ended} columns={COLUMNS} rows={ended} keyOf={(key) => key.id} />
                </section>
              )}
              {keys.hasNextPage && (
                <Button busy={keys.isFetchingNextPage} onClick={() => void keys.fetchNextPage()}>
                  {t.common.more}
                </Button>
              )}
            </div>
          );
        }}
      </Loaded>
      <Suspense>
        {making && <NewKey onClose={() => setMaking(false)} />}
        {asked && <KeyDialogs {...asked} onClose={() => setAsked(null)} />}
      </Suspense>
    </>
  );
}

const COLUMNS: RowColumn<ApiKey>[] = [
  {
    key: "name",
    label: k.name,
    value: (key) => (
      <span className="block min-w-0">
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{key.name}</span>
          {key.state !== "active" && <Chip tone="warn">{k.states[key.state]}</Chip>}
        </span>
        <code className="block font-mono text-xs text-muted">{key.prefix}</code>
        {key.former_until && Date.parse(key.former_until) > Date.now() && (
          <span className="block text-xs text-muted">{k.former(deviceMoment(key.former_until))}</span>
        )}
      </span>
    ),
  },
  {
    key: "scope",
    label: k.scope,
    value: (key) => (
      <span title={key.permissions.join("\n")}>{t.access.permissions(key.permissions.length)}</span>
    ),
  },
  {
    key: "used",
    label: k.used,
    named: true,
    value: (key) => (
      <span className="whitespace-nowrap text-muted">
        {key.last_used_at ? ago(key.last_used_at) : k.never}
      </span>
    ),
  },
  {
    key: "expires",
    label: k.expires,
    named: true,
    value: (key) => (
      <span className="whitespace-nowrap text-muted">
        {key.expires_at ? deviceDay(key.expires_at) : k.never}
      </span>
    ),
  },
];
