import { type ReactNode, useId } from "react";
import { cx } from "@/lib/classes";

type Props = { title?: string; lead?: ReactNode; actions?: ReactNode; flush?: boolean; children: ReactNode };

/** A section with a hairline around it; `flush` lets its content touch the edges (tables). */
export function Card({ title, lead, actions, flush = false, children }: Props) {
  const id = useId();
  return (
    <section
      aria-labelledby={title ? id : undefined}
      className="min-w-0 rounded-xl border border-line bg-surface"
    >
      {title && (
        <header className="flex flex-wrap items-center justify-between gap-2 px-5 pt-4">
          <div className="min-w-0">
            <h2 id={id} className="text-base font-semibold">
              {title}
            </h2>
            {lead && <p className="mt-0.5 text-sm text-muted">{lead}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className={cx("min-w-0", flush ? "pt-3" : "p-5", title && !flush && "pt-3")}>{children}</div>
    </section>
  );
}
