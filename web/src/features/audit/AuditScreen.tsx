"use client";
import { Download } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { useQueryState, useSorting } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { RowsSkeleton } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { AuditFilters } from "./AuditFilters";
import { AuditList, NEWEST } from "./AuditList";
import { FILTERS, filtersIn } from "./filters";
import { useEntries } from "./queries";
import { Verification } from "./Verification";

const EntryDialog = lazy(() => import("./EntryDialog"));
const ExportDialog = lazy(() => import("./ExportDialog"));
const a = t.audit;

/** The organization's audit log. Filters and the entry that is open stand in the address. */
export function AuditScreen() {
  const [address, setAddress] = useQueryState();
  const filters = useMemo(() => filtersIn(address), [address]);
  const sorting = useSorting(NEWEST);
  const entries = useEntries(filters, sorting.sort);
  const may = useMay();
  const [exporting, setExporting] = useState(false);
  const filtered = Object.keys(filters).length > 0;
  const clear = () => setAddress(Object.fromEntries(FILTERS.map((name) => [name, ""])));
  const open = entries.rows.find((entry) => entry.id === address.entry);
  const list = () => {
    if (entries.isPending) return <RowsSkeleton rows={8} />;
    if (entries.rows.length === 0 && entries.error)
      return <ProblemNotice error={entries.error} onRetry={() => void entries.refetch()} />;
    if (entries.rows.length === 0)
      return filtered ? (
        <Empty title={a.noMatchTitle} text={a.noMatchText}>
          <Button onClick={clear}>{a.filters.clear}</Button>
        </Empty>
      ) : (
        <Empty title={a.emptyTitle} text={a.emptyText} />
      );
    return (
      <AuditList
        rows={entries.rows}
        hasMore={entries.hasNextPage}
        loadingMore={entries.isFetchingNextPage}
        failed={entries.isFetchNextPageError}
        {...sorting}
        stale={entries.isPlaceholderData}
        onMore={() => void entries.fetchNextPage()}
        onOpen={(entry) => setAddress({ entry })}
      />
    );
  };
  return (
    <>
      <PageHeader title={a.title} lead={a.lead}>
        {may("kernel.audit.export") && (
          <Button onClick={() => setExporting(true)}>
            <Download size={16} aria-hidden />
            {a.export.action}
          </Button>
        )}
      </PageHeader>
      <Verification />
      <AuditFilters
        filters={filters}
        count={entries.data ? a.loaded(entries.rows.length, !entries.hasNextPage) : ""}
        onChange={setAddress}
        onClear={clear}
      />
      {list()}
      <Suspense>
        {open && (
          <EntryDialog
            entry={open}
            onClose={() => setAddress({ entry: "" })}
            onFilter={(change) => setAddress({ entry: "", ...change })}
          />
        )}
        {exporting && <ExportDialog filters={filters} onClose={() => setExporting(false)} />}
      </Suspense>
    </>
  );
}
