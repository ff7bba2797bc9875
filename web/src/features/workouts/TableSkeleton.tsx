import * as t from "@/texts/en";

const ROWS = Array.from({ length: 12 }, (_, index) => `row-${index}`);

/** Rows in the height they will have. */
export function TableSkeleton() {
  return (
    <div aria-busy="true" className="rounded-xl border border-line bg-surface">
      <span className="sr-only">{t.common.loading}</span>
      <div className="hidden h-10 border-b border-line md:block" />
      {ROWS.map((row) => (
        <div key={row} className="flex h-16 items-center gap-4 border-b border-line px-4 last:border-0">
          <div className="skeleton size-4.5" />
          <div className="flex flex-1 flex-col gap-2">
            <div className="skeleton h-3.5 w-2/5" />
            <div className="skeleton h-3 w-1/4" />
          </div>
          <div className="skeleton h-3.5 w-16" />
          <div className="skeleton hidden h-3.5 w-16 md:block" />
          <div className="skeleton hidden h-3.5 w-20 md:block" />
        </div>
      ))}
    </div>
  );
}
