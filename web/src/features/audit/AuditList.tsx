"use client";
import type { KeyboardEvent } from "react";
import { cx } from "@/lib/classes";
import { deviceMoment } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { SortHead, type Sorting, sortedBy } from "@/ui/SortHead";
import { useWindowRows } from "@/ui/useWindowRows";
import type { Entry } from "./calls";
import { actionName, actorName } from "./naming";

const a = t.audit;
export const NEWEST = "-at";
const ROW_PX = 56;
const GRID =
  "grid items-center gap-x-4 px-5 grid-cols-[minmax(0,1fr)_auto] md:grid-cols-[11rem_minmax(0,11rem)_minmax(0,1fr)_minmax(0,15rem)_5.5rem]";

type Props = Sorting & {
  rows: Entry[];
  hasMore: boolean;
  loadingMore: boolean;
  failed: boolean;
  stale: boolean;
  onMore(): void;
  onOpen(id: string): void;
};

/** Only the entries in view are in the document, however many there are; more come as one nears the end. */
export function AuditList({
  rows,
  hasMore,
  loadingMore,
  failed,
  stale,
  sort,
  onSort,
  onMore,
  onOpen,
}: Props) {
  const { body, virtual, items, shift } = useWindowRows(rows, {
    rowPx: ROW_PX,
    more: hasMore && !loadingMore && !failed,
    onMore,
  });
  const onArrow = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    const at = (event.target as Element).closest("[data-index]")?.getAttribute("data-index");
    if (!step || at == null) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, Number(at) + step));
    virtual.scrollToIndex(next);
    requestAnimationFrame(() =>
      body.current?.querySelector<HTMLElement>(`[data-index="${next}"] button`)?.focus(),
    );
  };
  return (
    <div className={cx("rounded-xl border border-line bg-surface", stale && "opacity-60")}>
      {/* biome-ignore-start lint/a11y/useSemanticElements: rows in absolute places can't be a table element's */}
      {/* biome-ignore-start lint/a11y/useFocusableInteractive: rows of a table (not a grid) take no focus, their buttons do */}
      <div role="table" aria-label={a.list} aria-rowcount={hasMore ? -1 : rows.length + 1} aria-busy={stale}>
        <div
          role="rowgroup"
          className="sticky top-[calc(3.5rem+var(--banner,0px))] z-10 rounded-t-xl border-b border-line bg-surface max-md:sr-only"
        >
          <div role="row" aria-rowindex={1} className={`${GRID} h-10 text-xs font-medium text-muted`}>
            {Object.entries(a.columns).map(([key, label]) => (
              <div
                key={key}
                role="columnheader"
                aria-sort={key === "when" ? sortedBy(NEWEST, sort) : undefined}
              >
                {key === "when" ? (
                  <SortHead by={NEWEST} sort={sort} onSort={onSort}>
                    {label}
                  </SortHead>
                ) : (
                  label
                )}
              </div>
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          ref={body}
          onKeyDown={onArrow}
          className="relative"
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map((item) => {
            const entry = rows[item.index];
            if (!entry) return null;
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                data-index={item.index}
                ref={virtual.measureElement}
                className={`${GRID} absolute inset-x-0 top-0 min-h-14 border-b border-line py-2 hover:bg-sunken/60`}
                style={{ transform: shift(item.start) }}
              >
                <Cells entry={entry} onOpen={() => onOpen(entry.id)} />
              </div>
            );
          })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore-end lint/a11y/useFocusableInteractive: see above */}
      <div className="flex min-h-12 items-center justify-center px-4 py-2 text-xs text-muted">
        {failed ? <Button onClick={onMore}>{t.common.retry}</Button> : null}
        <p role="status">{failed ? "" : hasMore ? t.common.loading : a.end}</p>
      </div>
    </div>
  );
}

function Cells({ entry, onOpen }: { entry: Entry; onOpen(): void }) {
  const what = actionName(entry.action);
  return (
    <>
      {/* biome-ignore-start lint/a11y/useSemanticElements: see the table */}
      {/* biome-ignore-start lint/a11y/useFocusableInteractive: see the table */}
      <div role="cell" className="figures order-3 text-muted max-md:text-xs md:order-none">
        {deviceMoment(entry.at)}
      </div>
      <div role="cell" className="order-2 truncate max-md:col-span-2 max-md:text-xs md:order-none">
        {actorName(entry)}
        {entry.actor && entry.operator_id && ` · ${a.operator}`}
      </div>
      <div role="cell" className="order-1 min-w-0 md:order-none">
        <button
          type="button"
          aria-haspopup="dialog"
          aria-label={a.entry.open(what)}
          onClick={onOpen}
          className="block max-w-full truncate text-left font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {what}
        </button>
      </div>
      <div role="cell" className="truncate text-muted max-md:hidden">
        {entry.resource?.kind}
      </div>
      <div role="cell" className="order-1 max-md:justify-self-end md:order-none">
        {entry.outcome === "refused" ? (
          <Chip tone="bad">{a.outcomes.refused}</Chip>
        ) : (
          <span className="text-xs text-muted">{a.outcomes.done}</span>
        )}
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements: see the table */}
      {/* biome-ignore-end lint/a11y/useFocusableInteractive: see the table */}
    </>
  );
}
