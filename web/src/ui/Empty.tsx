import type { ReactNode } from "react";

/** What will appear here and what to do for it; instruction, not picture. */
export function Empty({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-3 rounded-xl border border-dashed border-control/60 bg-surface p-6 sm:p-8">
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="max-w-prose text-sm text-muted">{text}</p>
      {children}
    </div>
  );
}
