"use client";

type Props = { label: string; at: number | null; count: number; said: string; onMove(index: number): void };

/** A position in a plot by keyboard or touch, with the values there in words. It begins where the y axis ends. */
export function Scrubber({ label, at, count, said, onMove }: Props) {
  return (
    <div>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={said}
        min={0}
        max={count - 1}
        step={Math.max(1, Math.round(count / 200))}
        value={at ?? 0}
        onChange={(event) => onMove(Number(event.target.value))}
        className="ml-11 h-6 pointer-coarse:h-11 w-[calc(100%-2.75rem)] accent-accent"
      />
      <p className="figures min-h-8 text-xs text-muted">{said}</p>
    </div>
  );
}
