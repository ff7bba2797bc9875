import { words } from "@/lib/format";
import * as t from "@/texts/en";
import type { Tone } from "@/ui/Chip";

export const TONES: Record<string, Tone> = {
  queued: "plain",
  running: "accent",
  succeeded: "ok",
  failed: "bad",
  cancelled: "plain",
};

/** What a person calls a kind of job. */
export const kindName = (kind: string) => t.jobs.kinds[kind] ?? words(kind.slice(kind.indexOf(".") + 1));
