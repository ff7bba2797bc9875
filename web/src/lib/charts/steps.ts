/** 1, 2 or 5 times a power of ten that cuts a span into at most `most` pieces. */
export function roundStep(span: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return ([1, 2, 5].find((step) => span / (step * power) <= most) ?? 10) * power;
}
