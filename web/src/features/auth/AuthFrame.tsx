import type { ReactNode } from "react";
import * as t from "@/texts/en";

/** One column, one task: the frame of the pages before someone is signed in. */
export function AuthFrame({
  title,
  lead,
  children,
  foot,
}: {
  title: string;
  lead?: string;
  children: ReactNode;
  foot?: ReactNode;
}) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col px-4 pt-[12dvh] pb-12">
      <p className="mb-8 flex items-center gap-2.5 text-base font-semibold">
        <span aria-hidden className="flex size-7 items-end gap-0.5 rounded-md bg-accent p-1.5">
          <span className="h-2/5 flex-1 rounded-xs bg-on-accent" />
          <span className="h-full flex-1 rounded-xs bg-on-accent" />
          <span className="h-3/5 flex-1 rounded-xs bg-on-accent" />
        </span>
        {t.product}
      </p>
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      {lead && <p className="mt-1 text-muted">{lead}</p>}
      <div className="mt-6 flex flex-col gap-4">{children}</div>
      {foot && <div className="mt-6 text-muted">{foot}</div>}
    </main>
  );
}
