import type { ReactNode } from "react";

/** What there is to know before one goes on. */
export function Note({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="rounded-lg border border-line bg-sunken px-4 py-3">
      {children}
    </p>
  );
}
