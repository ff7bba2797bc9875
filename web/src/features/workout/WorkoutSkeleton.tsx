import * as t from "@/texts/en";

const FIGURES = ["a", "b", "c", "d", "e", "f"];

export function WorkoutSkeleton() {
  return (
    <div aria-busy="true">
      <span className="sr-only">{t.common.loading}</span>
      <div className="skeleton h-7 w-72 max-w-full" />
      <div className="skeleton mt-3 mb-5 h-4 w-96 max-w-full" />
      <div className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line sm:grid-cols-3 lg:grid-cols-6">
        {FIGURES.map((figure) => (
          <div key={figure} className="h-21 bg-surface p-4">
            <div className="skeleton h-3 w-16" />
            <div className="skeleton mt-3 h-6 w-20" />
          </div>
        ))}
      </div>
      <div className="skeleton mt-5 h-128 w-full" />
    </div>
  );
}
