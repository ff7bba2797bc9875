import type { Figure } from "./calls";

type Sum = { figure: string; total: number; parts: { of: string; count: number }[] };

/** Counts added up by figure, with what each is made of; of windows of time, which hold each other, the widest counts. */
export function byFigure(figures: readonly Figure[]): Sum[] {
  const sums = new Map<string, Sum>();
  for (const { figure, of, count, since } of figures) {
    const sum = sums.get(figure) ?? { figure, total: 0, parts: [] };
    sum.total = since ? Math.max(sum.total, count) : sum.total + count;
    sum.parts.push({ of, count });
    sums.set(figure, sum);
  }
  return [...sums.values()];
}
