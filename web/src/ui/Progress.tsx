"use client";
import { Progress as Base } from "@base-ui/react/progress";

/** A bar from 0 to 1; null means "under way, nobody knows how far". */
export function Progress({ label, value }: { label: string; value: number | null }) {
  return (
    <Base.Root value={value === null ? null : Math.round(value * 100)} aria-label={label}>
      <Base.Track className="h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line ring-inset">
        <Base.Indicator className="h-full rounded-full bg-accent transition-[width] duration-200 data-indeterminate:w-1/3 data-indeterminate:animate-pulse" />
      </Base.Track>
    </Base.Root>
  );
}
