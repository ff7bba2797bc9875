import { Info, TriangleAlert } from "lucide-react";
import { QUIET_FLAGS } from "@/features/workouts/naming";
import type { WorkoutDetail } from "@/lib/api";
import { cx } from "@/lib/classes";
import { words } from "@/lib/format";
import * as t from "@/texts/en";

type Said = { code: string; title: string; text: string };

/** What is worth knowing about the recording, in sentences: the decoder's own note where there is one. */
export function Flags({ workout }: { workout: WorkoutDetail }) {
  const said = sentences(workout);
  if (said.length === 0) return null;
  const loud = said.some(({ code }) => !QUIET_FLAGS.has(code));
  return (
    <section
      aria-label={t.workouts.page.flags}
      className={cx(
        "rounded-xl border px-4 py-3",
        loud ? "border-warn/30 bg-warn-soft" : "border-line bg-surface",
      )}
    >
      <ul className="flex flex-col gap-1.5">
        {said.map(({ code, title, text }) => (
          <li key={code} className="flex gap-2.5">
            {QUIET_FLAGS.has(code) ? (
              <Info size={16} aria-hidden className="mt-0.5 shrink-0 text-muted" />
            ) : (
              <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0 text-warn" />
            )}
            <p>
              <span className="font-medium">{title}.</span> {text}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function sentences({ flags, notes }: WorkoutDetail): Said[] {
  // Which figures were computed is said where each of them comes from.
  const texts = new Map(notes.filter(({ code }) => code !== "derived").map(({ code, text }) => [code, text]));
  return [...new Set([...flags, ...texts.keys()])].map((code) => {
    const [title, text] = t.workouts.flags[code] ?? [words(code), ""];
    return { code, title, text: texts.get(code) ?? text };
  });
}
