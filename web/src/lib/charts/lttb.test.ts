import { describe, expect, it } from "vitest";
import { decimate, lttb, type Point } from "./lttb";

const wave = Array.from({ length: 10_000 }, (_, x) => ({ x, y: Math.sin(x / 300) }));

describe("lttb", () => {
  it("keeps the ends, the order and the limit", () => {
    const kept = lttb(wave, 1000);
    expect(kept).toHaveLength(1000);
    expect(kept[0]).toEqual(wave[0]);
    expect(kept.at(-1)).toEqual(wave.at(-1));
    expect(kept.every((p, i) => i === 0 || p.x > (kept[i - 1]?.x ?? Number.POSITIVE_INFINITY))).toBe(true);
  });
  it("keeps a lone spike", () => {
    const spiked = wave.map((p) => (p.x === 5000 ? { ...p, y: 50 } : p));
    expect(lttb(spiked, 200).some((p) => p.y === 50)).toBe(true);
  });
});

describe("decimate", () => {
  it("leaves short curves alone", () => {
    const short: Point[] = [
      { x: 0, y: 1 },
      { x: 1, y: null },
      { x: 2, y: 0 },
    ];
    expect(decimate(short, 1000)).toEqual(short);
  });
  it("keeps a gap a gap and invents nothing inside it", () => {
    const holed: Point[] = wave.map((p) => (p.x > 3000 && p.x < 6000 ? { x: p.x, y: null } : p));
    const kept = decimate(holed, 1000);
    expect(kept.length).toBeLessThan(1010);
    expect(kept.filter((p) => p.y === null)).toHaveLength(1);
    expect(kept.some((p) => p.y !== null && p.x > 3000 && p.x < 6000)).toBe(false);
  });
  it("has nothing to draw where nothing was measured", () => {
    expect(
      decimate(
        wave.map((p) => ({ x: p.x, y: null })),
        100,
      ),
    ).toEqual([]);
  });
});
