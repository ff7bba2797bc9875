import type { ReactNode } from "react";
import { cx } from "@/lib/classes";

export type Tone = "plain" | "ok" | "warn" | "bad" | "accent";

const TONES: Record<Tone, string> = {
  plain: "bg-sunken text-muted border-line",
  ok: "bg-ok-soft text-ok border-ok/25",
  warn: "bg-warn-soft text-warn border-warn/25",
  bad: "bg-bad-soft text-bad border-bad/25",
  accent: "bg-accent-soft text-accent border-accent/25",
};

/** A word about state or origin; the word carries the meaning, colour only helps. */
export function Chip({
  tone = "plain",
  title,
  fixed = false,
  children,
}: {
  tone?: Tone;
  title?: string;
  /** Keeps its width where others beside it give way. */
  fixed?: boolean;
  children: ReactNode;
}) {
  return (
    <span
      title={title}
      className={cx(
        "inline-flex h-5.5 max-w-full min-w-0 items-center gap-1 rounded-md border px-1.5 text-xs whitespace-nowrap",
        fixed && "shrink-0",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}
