"use client";
import type { ReactNode } from "react";
import { PHONE, useMedia } from "@/lib/media";
import { SortHead, type Sorting, sortedBy } from "./SortHead";

export type RowColumn<Row> = {
  key: string;
  label: string;
  value(row: Row): ReactNode;
  /** What its head sorts by at first, in the API's words. */
  sort?: string;
  /** Said before the value on a phone, where there is no head. */
  named?: boolean;
};

type Props<Row> = {
  label: string;
  columns: readonly RowColumn<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
  actions?: { label: string; of(row: Row): ReactNode };
  sorting?: Sorting;
};

/** Things with a name and a few facts: a table, and on a phone one entry of two lines each. */
export function RowTable<Row>(props: Props<Row>) {
  const phone = useMedia(PHONE);
  return phone ? <Entries {...props} /> : <Table {...props} />;
}

function Table<Row>({ label, columns, rows, keyOf, actions, sorting }: Props<Row>) {
  const cell = "px-3 py-2.5 first:pl-5 last:pr-5 text-left align-middle";
  return (
    <div className="rounded-xl border border-line bg-surface">
      <table aria-label={label} className="w-full border-collapse">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                aria-sort={sortedBy(column.sort, sorting?.sort ?? "")}
                className={`${cell} font-medium whitespace-nowrap`}
              >
                {column.sort && sorting ? (
                  <SortHead by={column.sort} {...sorting}>
                    {column.label}
                  </SortHead>
                ) : (
                  column.label
                )}
              </th>
            ))}
            {actions && (
              <th scope="col" className={cell}>
                <span className="sr-only">{actions.label}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.key} scope="row" className={`${cell} font-normal`}>
                    {column.value(row)}
                  </th>
                ) : (
                  <td key={column.key} className={cell}>
                    {column.value(row)}
                  </td>
                ),
              )}
              {actions && <td className={`${cell} w-px text-right whitespace-nowrap`}>{actions.of(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Entries<Row>({ label, columns, rows, keyOf, actions }: Props<Row>) {
  const [first, ...others] = columns;
  return (
    <ul aria-label={label} className="divide-y divide-line rounded-xl border border-line bg-surface">
      {rows.map((row) => (
        <li key={keyOf(row)} className="flex items-start gap-2 py-3 pr-2 pl-4">
          <div className="min-w-0 flex-1">
            {first?.value(row)}
            <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
              {others.map((column) => {
                const value = column.value(row);
                if (value === null) return null;
                return (
                  <span key={column.key} className="inline-flex min-w-0 max-w-full items-center gap-1">
                    <span className={column.named ? "shrink-0" : "sr-only"}>{column.label}: </span>
                    {value}
                  </span>
                );
              })}
            </div>
          </div>
          {actions?.of(row)}
        </li>
      ))}
    </ul>
  );
}
