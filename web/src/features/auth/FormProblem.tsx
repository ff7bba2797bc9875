"use client";
import { isProblem } from "@/lib/api/problem";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** What a form could not do, unless each of its errors already stands beside its field. */
export function FormProblem({ error, text }: { error: unknown; text?: string | null }) {
  if (!error) return null;
  if (text)
    return (
      <p role="alert" className="rounded-lg border border-bad/35 bg-bad-soft px-4 py-3 text-bad">
        {text}
      </p>
    );
  if (isProblem(error) && Object.keys(error.fields).length > 0) return null;
  return <ProblemNotice error={error} />;
}
