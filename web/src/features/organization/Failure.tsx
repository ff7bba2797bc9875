"use client";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** What went wrong, below the text of a dialog that stays open. */
export function Failure({ error }: { error: unknown }) {
  return error ? (
    <div className="mt-4">
      <ProblemNotice error={error} />
    </div>
  ) : null;
}
