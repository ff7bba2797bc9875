import { ago, later } from "@/lib/format";
import * as t from "@/texts/en";
import type { Tone } from "@/ui/Chip";
import type { Source, SourceDetail } from "./calls";

const s = t.sources;

/** How a source stands: a word, what it means for whoever owns it, and the one thing to do where there is one. */
export type Health = { tone: Tone; word: string; text: string; todo: "connect" | "sync" | null };

type Known = Pick<Source, "status" | "last_sync"> &
  Partial<Pick<SourceDetail, "error_code" | "next_sync" | "job_id">>;

export function healthOf(source: Known, title: string, now = Date.now()): Health {
  switch (source.status) {
    case "needs_reauth":
      return { tone: "bad", word: s.words.needs_reauth, text: s.reauth(title), todo: "connect" };
    case "expired":
      return { tone: "bad", word: s.words.expired, text: s.reauth(title), todo: "connect" };
    case "failing":
      return { tone: "bad", word: s.words.failing, text: s.failing(title), todo: "sync" };
    case "paused":
      return { tone: "warn", word: s.words.paused, text: s.paused(title), todo: "sync" };
    case "syncing":
      return {
        tone: "accent",
        word: s.words.syncing,
        text: source.last_sync ? s.looking : s.first(title),
        todo: null,
      };
    default:
      return settled(source, title, now);
  }
}

/** Nothing is under way: all is well, or a sync waits for the service. */
function settled(source: Known, title: string, now: number): Health {
  const next = source.next_sync ? later(source.next_sync, now) : null;
  const waits = source.job_id != null && next !== null;
  if (waits && source.error_code === "history_waits")
    return { tone: "warn", word: s.words.waiting, text: s.history(title, next), todo: null };
  if (waits && source.error_code === "quota")
    return { tone: "warn", word: s.words.waiting, text: s.limit(title, next), todo: null };
  if (waits && source.error_code === "provider_away")
    return { tone: "warn", word: s.words.waiting, text: s.away(title, next), todo: null };
  const said = [source.last_sync ? s.last(ago(source.last_sync, now)) : s.never, next && s.next(next)];
  return { tone: "ok", word: s.words.connected, text: said.filter(Boolean).join(" "), todo: null };
}
