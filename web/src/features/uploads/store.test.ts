import { describe, expect, it } from "vitest";
import { grouped, sentOf } from "./store";

const files = (count: number, size: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}`, size }) as File);

describe("grouped", () => {
  it("sends at most 100 files at once", () =>
    expect(grouped(files(250, 1000)).map((g) => g.length)).toEqual([100, 100, 50]));
  it("sends at most 256 MB at once", () =>
    expect(grouped(files(5, 100e6)).map((g) => g.length)).toEqual([2, 2, 1]));
  it("sends a large file alone", () =>
    expect(grouped([...files(1, 3e9), ...files(1, 10)]).map((g) => g.length)).toEqual([1, 1]));
});

describe("sentOf", () => {
  const batch = { files: files(3, 100), sent: 150 };
  it("fills the files in their order", () =>
    expect([0, 1, 2].map((i) => sentOf(batch, i))).toEqual([100, 50, 0]));
});
