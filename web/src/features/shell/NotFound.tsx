import { START } from "@/lib/start";
import * as t from "@/texts/en";
import { LinkButton } from "@/ui/Button";

export function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col items-start gap-3 px-4 pt-[20dvh]">
      <p className="figures text-sm text-muted">404</p>
      <h1 className="text-xl font-semibold">{t.problems.notFoundTitle}</h1>
      <p className="text-muted">{t.problems.notFoundText}</p>
      <LinkButton href={START} look="primary">
        {t.problems.toStart}
      </LinkButton>
    </main>
  );
}
