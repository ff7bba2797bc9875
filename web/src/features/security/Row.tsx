import type { ReactNode } from "react";

type Props = {
  icon?: ReactNode;
  title: ReactNode;
  chips?: ReactNode;
  text?: ReactNode;
  children?: ReactNode;
};

/** One thing of a list: what it is, what there is to know, and at the end what can be done. */
export function Row({ icon, title, chips, text, children }: Props) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <div className="flex min-w-0 flex-1 basis-52 items-start gap-3">
        {icon && <span className="mt-0.5 shrink-0 text-muted">{icon}</span>}
        <div className="min-w-0 flex-1">
          <p className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 font-medium">
            <span className="min-w-0 wrap-anywhere">{title}</span>
            {chips}
          </p>
          {text && <p className="mt-0.5 text-pretty wrap-anywhere text-muted">{text}</p>}
        </div>
      </div>
      {children && <div className="flex shrink-0 gap-2">{children}</div>}
    </li>
  );
}

/** The geometry of a row while it is loaded. */
export function RowSkeleton({ rows = 1 }: { rows?: number }) {
  return Array.from({ length: rows }, (_, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are their positions
    <li key={index} aria-busy="true" className="flex items-center gap-4 px-5 py-3">
      <div className="flex-1">
        <div className="skeleton h-4 w-40 max-w-full" />
        <div className="skeleton mt-2.5 h-4 w-64 max-w-full" />
      </div>
    </li>
  ));
}
