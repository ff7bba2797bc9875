"use client";
import { lazy, type ReactNode, Suspense } from "react";

const AthleteHead = lazy(() => import("./AthleteHead"));

/** The head of a page about training: of the athlete who is looked at, else the page's own. */
export function AthletesOr({ athlete, children }: { athlete: string; children: ReactNode }) {
  if (!athlete) return children;
  return (
    <Suspense fallback={<div className="skeleton mb-6 h-29 w-full" />}>
      <AthleteHead athlete={athlete} />
    </Suspense>
  );
}
