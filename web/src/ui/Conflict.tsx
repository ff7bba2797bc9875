"use client";
import { Button } from "./Button";

type Props = {
  title: string;
  text: string;
  theirs: string;
  mine: string;
  busy: boolean;
  onTheirs(): void;
  onMine(): void;
};

/** Somebody else was quicker: what was typed is kept, and nothing is overwritten unasked. */
export function Conflict({ title, text, theirs, mine, busy, onTheirs, onMine }: Props) {
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-3 rounded-xl border border-warn/35 bg-warn-soft p-4"
    >
      <p className="font-semibold text-warn">{title}</p>
      <p>{text}</p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={onTheirs}>{theirs}</Button>
        <Button busy={busy} onClick={onMine}>
          {mine}
        </Button>
      </div>
    </div>
  );
}
