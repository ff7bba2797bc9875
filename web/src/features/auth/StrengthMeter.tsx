import { cx } from "@/lib/classes";
import * as t from "@/texts/en";
import { strength } from "./strength";

const COLOURS = ["bg-bad", "bg-bad", "bg-warn", "bg-ok", "bg-ok"] as const;

/** Four bars and a word; its place is kept while nothing is typed. */
export function StrengthMeter({ password }: { password: string }) {
  const level = strength(password);
  const shown = password.length > 0;
  return (
    <div className="flex h-4 items-center gap-3 text-xs text-muted">
      <div aria-hidden className="grid flex-1 grid-cols-4 gap-1">
        {[1, 2, 3, 4].map((step) => (
          <span
            key={step}
            className={cx(
              "h-1 rounded-full",
              shown && step <= Math.max(1, level) ? COLOURS[level] : "bg-line",
            )}
          />
        ))}
      </div>
      <span role="status" className="w-28 text-right">
        {shown && (
          <>
            <span className="sr-only">{t.auth.strengthLabel}: </span>
            {t.auth.strength[level]}
          </>
        )}
      </span>
    </div>
  );
}
