import { FormProblem } from "@/features/auth/FormProblem";

/** What a button could not do, below what stands there. */
export function Failure({ error, text }: { error: unknown; text?: string | null }) {
  if (!error) return null;
  return (
    <div className="mt-4">
      <FormProblem error={error} text={text} />
    </div>
  );
}
