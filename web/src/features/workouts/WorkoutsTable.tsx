"use client";
import { type RowSelectionState, useTable } from "@tanstack/react-table";
import type { Dispatch, SetStateAction } from "react";
import type { Workout } from "@/lib/api";
import { cx } from "@/lib/classes";
import { PHONE, useMedia } from "@/lib/media";
import * as t from "@/texts/en";
import { SortHead, type Sorting, sortedBy } from "@/ui/SortHead";
import { useWindowRows } from "@/ui/useWindowRows";
import { columnsOf, features, SORTS } from "./columns";
import { useRowKeys } from "./useRowKeys";

const ROW_PX = 64;
const GRID = {
  wide: "grid grid-cols-[2.75rem_minmax(0,1fr)_6rem_5.5rem_7rem_5.5rem_minmax(10rem,12.5rem)] items-center gap-x-3 px-4",
  widePlain:
    "grid grid-cols-[minmax(0,1fr)_6rem_5.5rem_7rem_5.5rem_minmax(10rem,12.5rem)] items-center gap-x-3 px-4",
  narrow: "grid grid-cols-[2rem_minmax(0,1fr)_auto] items-center gap-x-2 px-3",
  narrowPlain: "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-2 px-4",
};
const RIGHT = new Set(["distance", "duration", "tempo", "heart", "both"]);

type Props = {
  rows: Workout[];
  sort: string;
  hasMore: boolean;
  loadingMore: boolean;
  stale: boolean;
  selected: RowSelectionState;
  onSort(sort: string): void;
  onMore(): void;
  /** Absent where nothing can be done with a choice: the rows are another's. */
  onSelect?: Dispatch<SetStateAction<RowSelectionState>>;
};

/** Only the rows in view are in the document, however many there are; more pages come as one nears the end. */
export function WorkoutsTable(props: Props) {
  const { rows, hasMore, loadingMore, stale, selected, onMore, onSelect } = props;
  const narrow = useMedia(PHONE);
  const table = useTable({
    features,
    columns: columnsOf(narrow, onSelect !== undefined),
    data: rows,
    getRowId: (workout) => workout.id,
    state: { rowSelection: selected },
    onRowSelectionChange: onSelect,
  });
  const { body, virtual, items, shift } = useWindowRows(rows, {
    rowPx: ROW_PX,
    more: hasMore && !loadingMore,
    onMore,
  });
  const onArrow = useRowKeys(
    body,
    rows,
    (index) => virtual.scrollToIndex(index),
    (id) => onSelect?.(({ [id]: chosen, ...rest }) => (chosen ? rest : { ...rest, [id]: true })),
  );
  const grid = GRID[`${narrow ? "narrow" : "wide"}${onSelect ? "" : "Plain"}`];
  const model = table.getRowModel().rows;
  return (
    <div className={cx("rounded-xl border border-line bg-surface", stale && "opacity-60")}>
      {/* biome-ignore-start lint/a11y/useSemanticElements: rows in absolute places can't be a table element's */}
      {/* biome-ignore-start lint/a11y/useFocusableInteractive: rows of a table (not a grid) take no focus, their links do */}
      <div
        role="table"
        aria-label={t.workouts.tableLabel}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-busy={stale}
      >
        <div
          role="rowgroup"
          className="sticky top-[calc(3.5rem+var(--banner,0px))] z-10 rounded-t-xl border-b border-line bg-surface max-md:sr-only"
        >
          <div role="row" aria-rowindex={1} className={cx(grid, "h-10 text-xs font-medium text-muted")}>
            {table.getHeaderGroups()[0]?.headers.map((header) => (
              <Head key={header.id} id={header.id} sort={props.sort} onSort={props.onSort}>
                <table.FlexRender header={header} />
              </Head>
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
            const row = model[item.index];
            if (!row) return null;
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                data-index={item.index}
                ref={virtual.measureElement}
                className={cx(ROW, grid, row.getIsSelected() && "bg-accent-soft")}
                style={{ transform: shift(item.start) }}
              >
                {row.getAllCells().map((cell) => (
                  <div key={cell.id} role="cell" className={cellClass(cell.column.id)}>
                    <table.FlexRender cell={cell} />
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore-end lint/a11y/useFocusableInteractive: see above */}
      <p role="status" className="h-10 px-4 py-2.5 text-center text-xs text-muted">
        {hasMore ? t.common.loading : t.workouts.endOfList}
      </p>
    </div>
  );
}

const ROW = "absolute inset-x-0 top-0 min-h-16 border-b border-line py-2 hover:bg-sunken/60";

const cellClass = (column: string) =>
  cx("min-w-0", RIGHT.has(column) && "figures text-right whitespace-nowrap", column === "sources" && "pl-3");

type HeadProps = Sorting & { id: string; children: React.ReactNode };

function Head({ id, sort, onSort, children }: HeadProps) {
  const by = SORTS[id];
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the table
    // biome-ignore lint/a11y/useFocusableInteractive: its button takes the focus
    <div
      role="columnheader"
      aria-sort={sortedBy(by, sort)}
      className={cx("min-w-0", RIGHT.has(id) && "text-right", id === "sources" && "pl-3")}
    >
      {by ? (
        <SortHead by={by} sort={sort} onSort={onSort}>
          {children}
        </SortHead>
      ) : (
        children
      )}
    </div>
  );
}
