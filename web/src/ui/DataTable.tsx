import type { ReactNode } from "react";
import { cx } from "@/lib/classes";

export type Column<Row> = {
  key: string;
  label: string;
  text?: boolean;
  value(row: Row, index: number): ReactNode;
};

type Props<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row, index: number): string;
};

/** A short table that scrolls sideways where it must; figures are right-aligned. The first column heads its row. */
export function DataTable<Row>({ label, columns, rows, keyOf }: Props<Row>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it only scrolls, it groups no form fields
    <div
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-112 overflow-auto -outline-offset-2! rounded-b-xl"
    >
      <table className="figures w-full border-collapse">
        <thead>
          <tr className="sticky top-0 z-1 bg-surface shadow-[0_1px_0_var(--line)]">
            {columns.map((column, index) => (
              <th
                key={column.key}
                scope="col"
                className={cx(
                  "px-3 py-2 text-xs font-medium whitespace-nowrap text-muted first:pl-5 last:pr-5",
                  index > 0 && !column.text ? "text-right" : "text-left",
                )}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row, at) => (
            <tr key={keyOf(row, at)}>
              {columns.map((column, index) => {
                const shared = "px-3 py-2 whitespace-nowrap first:pl-5 last:pr-5";
                return index === 0 ? (
                  <th key={column.key} scope="row" className={cx(shared, "text-left font-normal")}>
                    {column.value(row, at)}
                  </th>
                ) : (
                  <td key={column.key} className={cx(shared, !column.text && "text-right")}>
                    {column.value(row, at)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
