"use client";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";

/** What is left when a page's own code fails. */
export function Crash({ error, reset }: { error: Error & { digest?: string }; reset(): void }) {
  return (
    <div role="alert" className="mx-auto flex max-w-sm flex-col items-start gap-3 px-4 pt-[12dvh]">
      <h1 className="text-xl font-semibold">{t.problems.crashTitle}</h1>
      <p className="text-muted">{t.problems.crashText}</p>
      <p className="max-w-full text-xs break-words text-muted">{error.message}</p>
      <div className="flex gap-2">
        <Button look="primary" onClick={() => window.location.reload()}>
          {t.problems.reload}
        </Button>
        <Button onClick={reset}>{t.common.retry}</Button>
      </div>
    </div>
  );
}
