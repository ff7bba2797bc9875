import type { Kind, Reading } from "@/features/body/calls";
import { type Standing, standing } from "@/features/body/reading";
import { plusDays } from "@/features/calendar/month";

/** What tells how somebody has recovered, in the order of the card. The two variabilities are measured differently:
 * each stands for itself, with its own usual range. */
const FIGURES = [
  "sleep_duration",
  "hrv_rmssd",
  "hrv_sdnn",
  "resting_hr",
  "recovery_score",
] as const satisfies readonly Kind[];
export const ASKED: readonly Kind[] = [...FIGURES, "sleep_stages"];

/** What is older than the newest night by more than this says nothing beside it. */
const BESIDE_DAYS = 6;

/** The newest night (the day of waking up) with what is known of it, the newest of what came some days before, and
 * the stages of that night. */
export type Recovery = { date: string; figures: readonly Reading[]; stages: Reading | null };

export function recoveryOf(latest: readonly Reading[]): Recovery | null {
  const found = FIGURES.flatMap((kind) => latest.filter(({ type }) => type === kind));
  const date = found
    .map((one) => one.date)
    .sort()
    .at(-1);
  if (!date) return null;
  const stages = latest.find(({ type, night }) => type === "sleep_stages" && night);
  return {
    date,
    figures: found.filter((one) => one.date >= plusDays(date, -BESIDE_DAYS)),
    stages: stages?.date === date ? stages : null,
  };
}

export type Sign = "hrv" | "resting_hr" | "sleep";
export type Off = { sign: Sign; stands: "above" | "below" };
/** `strained`: two signs or more speak for rest; `mixed`: one of the heart does; `short`: the sleep alone does. */
export type Verdict = "strained" | "mixed" | "short" | "long" | "recovered" | "usual" | "unknown";

const SIGNS: readonly (readonly [Sign, readonly Kind[]])[] = [
  ["hrv", ["hrv_rmssd", "hrv_sdnn"]],
  ["resting_hr", ["resting_hr"]],
  ["sleep", ["sleep_duration"]],
];
const AGAINST: Readonly<Record<Sign, Standing>> = { hrv: "below", resting_hr: "above", sleep: "below" };

/** What the newest night says, each figure against what is usual by its own source, and which are not as usual. A score
 * is its source's own verdict, and none of ours. */
export function verdictOf({ date, figures }: Recovery): { verdict: Verdict; off: readonly Off[] } {
  const known = SIGNS.flatMap(([sign, kinds]) => {
    const told = figures.find((one) => one.date === date && kinds.includes(one.type) && one.usual);
    const stands = told && standing(told);
    return stands ? [{ sign, stands }] : [];
  });
  const off = known.flatMap(({ sign, stands }) => (stands === "usual" ? [] : [{ sign, stands }]));
  const against = off.filter(({ sign, stands }) => stands === AGAINST[sign]);
  return { verdict: judge(known.length, off, against), off };
}

function judge(known: number, off: readonly Off[], against: readonly Off[]): Verdict {
  if (known === 0) return "unknown";
  if (against.length > 1) return "strained";
  if (against[0]) return against[0].sign === "sleep" ? "short" : "mixed";
  if (off.length === 0) return "usual";
  return off.some(({ sign }) => sign !== "sleep") ? "recovered" : "long";
}

/** Whether a figure speaks for rest. */
export const speaksAgainst = (reading: Reading): boolean =>
  SIGNS.some(([sign, kinds]) => kinds.includes(reading.type) && standing(reading) === AGAINST[sign]);

const [LEFT, RIGHT] = [30, 70];

/** Where a value lies on a line of 100 whose middle part, from 30 to 70, is what is usual. */
export function placeOf({ value, usual }: Pick<Reading, "value" | "usual">): number | null {
  if (!usual) return null;
  const half = (usual.high - usual.low) / 2;
  const middle = (usual.high + usual.low) / 2;
  const away = half > 0 ? (value - middle) / half : Math.sign(value - middle) * 2;
  return Math.max(4, Math.min(96, (LEFT + RIGHT) / 2 + (away * (RIGHT - LEFT)) / 2));
}
