import * as t from "@/texts/en";

export function PageSkeleton() {
  return (
    <div aria-busy="true">
      <span className="sr-only">{t.common.loading}</span>
      <div className="skeleton h-7 w-40" />
      <div className="skeleton mt-6 h-9 w-full max-w-md" />
      <div className="skeleton mt-4 h-128 w-full" />
    </div>
  );
}
