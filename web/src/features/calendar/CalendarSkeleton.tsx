import * as t from "@/texts/en";

/** Weeks in the height they will have at least. */
export function CalendarSkeleton({ weeks }: { weeks: number }) {
  return (
    <div aria-busy="true" className="rounded-xl border border-line bg-surface">
      <span className="sr-only">{t.common.loading}</span>
      <div className="h-9" />
      {Array.from({ length: weeks }, (_, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the weeks are their positions
          key={index}
          className="flex h-28 items-start gap-4 border-t border-line p-3"
        >
          <span className="skeleton h-4 w-1/4" />
          <span className="skeleton h-4 w-1/3" />
          <span className="skeleton ml-auto h-4 w-24" />
        </div>
      ))}
    </div>
  );
}
