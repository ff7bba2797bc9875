"use client";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { deviceDay } from "@/lib/format";
import { Link, useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { inputClass } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import { Select } from "@/ui/Select";
import type { State } from "./calls";
import { Figures } from "./Figures";
import { usePlatform } from "./queries";
import { StateChip } from "./StateChip";

const o = t.operator;
const PAUSE_MS = 300;

/** All organizations with their state; the search stands in the address. */
export function PlatformScreen() {
  const [address, setAddress] = useQueryState();
  const q = address.q ?? "";
  const state = address.state && address.state in o.states ? (address.state as State) : "";
  const found = usePlatform(q, state);
  return (
    <>
      <PageHeader title={o.organizations} lead={o.listLead} />
      <Figures />
      <section aria-label={t.audit.filters.title} className="mb-4 flex flex-wrap items-center gap-2">
        <SearchField value={q} onChange={(next) => setAddress({ q: next })} />
        <Select
          label={o.state}
          hideLabel
          className="w-44"
          value={state}
          options={[["", o.anyState], ...Object.entries(o.states)]}
          onChange={(event) => setAddress({ state: event.target.value })}
        />
      </section>
      <Loaded of={found} rows={8}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={o.none} text={o.noneText} />
          ) : (
            <div className={found.isPlaceholderData ? "opacity-60" : undefined}>
              <RowTable
                label={o.organizations}
                rows={rows}
                keyOf={(row) => row.id}
                columns={[
                  {
                    key: "name",
                    label: o.name,
                    value: (row) => (
                      <span className="block min-w-0">
                        <Link
                          href={`/operator/organizations/${row.id}`}
                          className="font-medium text-accent hover:underline"
                        >
                          {row.name}
                        </Link>
                        <code className="block truncate font-mono text-xs text-muted">{row.id}</code>
                      </span>
                    ),
                  },
                  { key: "state", label: o.state, value: (row) => <StateChip state={row.state} /> },
                  { key: "kind", label: o.kind, value: (row) => o.kinds[row.kind] },
                  {
                    key: "members",
                    label: o.members,
                    named: true,
                    value: (row) => <span className="figures">{row.members.toLocaleString("en")}</span>,
                  },
                  {
                    key: "created",
                    label: o.created,
                    named: true,
                    value: (row) => (
                      <span className="whitespace-nowrap text-muted">{deviceDay(row.created_at)}</span>
                    ),
                  },
                ]}
              />
              {found.hasNextPage && (
                <div className="mt-3">
                  <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                    {t.common.more}
                  </Button>
                </div>
              )}
            </div>
          )
        }
      </Loaded>
    </>
  );
}

function SearchField({ value, onChange }: { value: string; onChange(q: string): void }) {
  const [text, setText] = useState(value);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => latest.current(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <div className="relative min-w-0 flex-1 basis-56 sm:max-w-sm">
      <Search
        size={16}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-muted"
      />
      <input
        type="search"
        aria-label={o.search}
        placeholder={o.search}
        maxLength={100}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`${inputClass} pl-9`}
      />
    </div>
  );
}
