"use client";
import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** What a form could not do, unless each of its errors already stands beside its field. */
export function FormProblem({ error, text }: { error: unknown; text?: string | null }) {
  if (!error) return null;
  const said = text ?? limited(error);
  if (said)
    return (
      <p role="alert" className="rounded-lg border border-bad/35 bg-bad-soft px-4 py-3 text-bad">
        {said}
      </p>
    );
  if (isProblem(error) && Object.keys(error.fields).length > 0) return null;
  return <ProblemNotice error={error} />;
}

/** Said once: the seconds are counted down on the button, where nobody has them read out. */
function limited(error: unknown): string | null {
  if (!isProblem(error) || error.status !== 429) return null;
  const wait = Math.ceil(error.retryAfter_s ?? 0);
  return wait > 0 ? `${t.auth.tooMany} ${t.auth.tryIn(t.auth.wait(wait))}.` : t.auth.tooMany;
}
