import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/lib/classes";

export type Sorting = { sort: string; onSort(sort: string): void };

const turned = (sort: string) => (sort.startsWith("-") ? sort.slice(1) : `-${sort}`);

/** What `aria-sort` says of a head whose column is sorted by `by`, in the API's words. */
export function sortedBy(by: string | undefined, sort: string) {
  if (!by || (sort !== by && sort !== turned(by))) return undefined;
  return sort.startsWith("-") ? "descending" : "ascending";
}

type Props = Sorting & { by: string; children: ReactNode };

/** The words of a head that sorts: at first `by`, once more the other way. */
export function SortHead({ by, sort, onSort, children }: Props) {
  const direction = sortedBy(by, sort);
  const Arrow = direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <button
      type="button"
      onClick={() => onSort(sort === by ? turned(by) : by)}
      className={cx("inline-flex min-h-8 items-center gap-1 hover:text-fg", direction && "text-fg")}
    >
      {children}
      {direction && <Arrow size={13} aria-hidden />}
    </button>
  );
}
