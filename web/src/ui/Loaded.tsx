"use client";
import type { ReactNode } from "react";
import * as t from "@/texts/en";
import { ProblemNotice } from "./ProblemNotice";

type Asked<T> = { data: T | undefined; error: unknown; refetch(): unknown };
type Props<T> = { of: Asked<T>; rows?: number; children(data: T): ReactNode };

/** What was asked for, or in its place: that it is coming, or why it can't be had and a way to ask again. */
export function Loaded<T>({ of, rows = 4, children }: Props<T>) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <ProblemNotice error={of.error} onRetry={() => void of.refetch()} />;
  return <RowsSkeleton rows={rows} />;
}

export function RowsSkeleton({ rows }: { rows: number }) {
  return (
    <div aria-busy="true" className="rounded-xl border border-line bg-surface">
      <span className="sr-only">{t.common.loading}</span>
      {Array.from({ length: rows }, (_, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are their positions
          key={index}
          className="flex h-16 items-center gap-4 border-b border-line px-5 last:border-b-0"
        >
          <span className="skeleton h-4 w-1/4" />
          <span className="skeleton h-4 w-1/3" />
          <span className="skeleton ml-auto h-4 w-16" />
        </div>
      ))}
    </div>
  );
}
