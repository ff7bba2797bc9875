import { Check, CloudAlert } from "lucide-react";
import { cx } from "@/lib/classes";
import { clock } from "@/lib/format";
import { deviceZone } from "@/lib/preferences";
import * as t from "@/texts/en";
import type { Phase } from "./autosave";

/** Whether what is typed is safe; its place is kept, and it is told as it changes. */
export function SaveState({ phase, savedAt }: { phase: Phase; savedAt: number | null }) {
  const s = t.onboarding;
  const bad = phase === "failed" || phase === "refused";
  const text = {
    clean: "",
    waiting: s.saving,
    saving: s.saving,
    saved: savedAt ? s.saved(clock(new Date(savedAt).toISOString(), deviceZone())) : "",
    failed: s.failed,
    refused: s.refused,
  }[phase];
  return (
    <p
      role="status"
      className={cx("figures flex min-h-4 items-center gap-1.5 text-xs", bad ? "text-warn" : "text-muted")}
    >
      {phase === "saved" && text && <Check size={14} aria-hidden className="text-ok" />}
      {bad && <CloudAlert size={14} aria-hidden />}
      {text}
    </p>
  );
}
