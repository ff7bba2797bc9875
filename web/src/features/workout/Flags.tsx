import { Info, TriangleAlert } from "lucide-react";
import { QUIET_FLAGS } from "@/features/workouts/naming";
import type { Outlier, WorkoutDetail } from "@/lib/api";
import { cx } from "@/lib/classes";
import { number, words } from "@/lib/format";
import * as t from "@/texts/en";
import { useOutliers } from "./queries";

const OUTLIER = "outlier:";

type Said = { code: string; title: string; text: string };

/** What is worth knowing about the recording, in sentences: the decoder's own note where there is one. */
export function Flags({ workout }: { workout: WorkoutDetail }) {
  const outliers = useOutliers(workout.id);
  const said = [...sentences(workout), ...outliers.map(standingOut)];
  if (said.length === 0) return null;
  const loud = said.some(({ code }) => !isQuiet(code));
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
            {isQuiet(code) ? (
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

const isQuiet = (code: string) => QUIET_FLAGS.has(code) || code.startsWith(OUTLIER);

function standingOut({ figure, value, usual, score, of }: Outlier): Said {
  const [name, unit] = t.workouts.outliers.figures[figure];
  return {
    code: `${OUTLIER}${figure}`,
    title: t.workouts.outliers.title(name, score > 0),
    text: t.workouts.outliers.text(`${number(value)} ${unit}`, `${number(usual)} ${unit}`, of),
  };
}

function sentences({ flags, notes }: WorkoutDetail): Said[] {
  // Which figures were computed is said where each of them comes from.
  const texts = new Map(notes.filter(({ code }) => code !== "derived").map(({ code, text }) => [code, text]));
  return [...new Set([...flags, ...texts.keys()])].map((code) => {
    const [title, text] = t.workouts.flags[code] ?? [words(code), ""];
    return { code, title, text: texts.get(code) ?? text };
  });
}
