import { cx } from "@/lib/classes";
import * as t from "@/texts/en";
import type { Night } from "./calls";
import { hours } from "./reading";

export const STAGES = ["deep", "rem", "light", "awake"] as const;
export const FILLS = {
  deep: "fill-accent",
  rem: "fill-effort",
  light: "fill-control",
  awake: "fill-pulse",
} as const;
const [WIDTH, BAR] = [1000, 14];

export const saidOf = (night: Night) =>
  STAGES.map((stage) => `${t.body.stages[`${stage}_s`]} ${hours(night[`${stage}_s`])}`).join(", ");

/** How long each stage of a night was, the whole width being `longest_s`. */
export function StageBar({ night, longest_s }: { night: Night; longest_s: number }) {
  let x = 0;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${BAR}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={saidOf(night)}
      className="h-3.5 w-full"
    >
      {STAGES.map((stage) => {
        const width = ((night[`${stage}_s`] ?? 0) / longest_s) * WIDTH;
        const at = x;
        x += width;
        return <rect key={stage} x={at} width={width} height={BAR} className={FILLS[stage]} />;
      })}
    </svg>
  );
}

/** What a stage looks like in the bar. */
export function StageMark({ stage }: { stage: (typeof STAGES)[number] }) {
  return (
    <svg className={cx("size-3 shrink-0", FILLS[stage])} aria-hidden>
      <rect width="12" height="12" rx="2" />
    </svg>
  );
}
