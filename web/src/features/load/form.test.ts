import { describe, expect, it } from "vitest";
import type { LoadDay } from "./calls";
import { bandOf, formSentence, told, weekLoad } from "./form";
import { dayAxis } from "./plots";
import { pastDay, rangeOf, windowOf } from "./range";

const day = (n: number, form: number | null, tss: number | null = 10): LoadDay =>
  ({
    date: `2026-11-${String(n).padStart(2, "0")}`,
    tss,
    ctl: form === null ? null : 50,
    tsb: form,
  }) as LoadDay;
const fortnight = (last: number, before: number) =>
  Array.from({ length: 14 }, (_, n) => day(n + 1, n === 13 ? last : before));

describe("bandOf", () => {
  it("has a name for every form", () => {
    expect([30, 5.1, 5, -9.9, -10, -29, -30, -80].map(bandOf)).toEqual([
      "fresh",
      "fresh",
      "neutral",
      "neutral",
      "productive",
      "productive",
      "strain",
      "strain",
    ]);
  });
});

describe("formSentence", () => {
  it("compares with a week ago and says how it stands", () => {
    expect(formSentence(fortnight(8, 0))).toBe("Fresher than a week ago. Fatigue is low beside fitness.");
    expect(formSentence(fortnight(-20, 0))).toMatch(/^More fatigue than a week ago\./);
    expect(formSentence(fortnight(1, 0))).toMatch(/^About as fresh as a week ago\./);
  });
  it("says nothing where nothing is known, and compares with nothing where there was no week", () => {
    expect(formSentence([day(1, null)])).toBeNull();
    expect(formSentence([day(1, 8)])).toBe("Fatigue is low beside fitness.");
  });
});

describe("days", () => {
  it("sums a week, days without load as none", () => {
    expect(weekLoad([...Array.from({ length: 9 }, (_, n) => day(n + 1, 0)), day(10, 0, null)])).toBe(60);
  });
  it("leaves out those before the first", () => {
    expect(told([day(1, null, null), day(2, null, null), day(3, 0)])).toHaveLength(1);
    expect(told([day(1, null, null)])).toEqual([]);
  });
});

describe("dayAxis", () => {
  it("names today in the place of what is too near to it, where it is marked", () => {
    const days = Array.from({ length: 24 }, (_, n) => day(n + 1, 0));
    const names = (marked: boolean) => dayAxis(days, 600, marked).ticks.map(({ text }) => text);
    expect(names(false)).toEqual(["2 Nov", "9 Nov", "16 Nov", "23 Nov"]);
    expect(names(true)).toEqual(["2 Nov", "9 Nov", "16 Nov", "Today"]);
  });
});

describe("the address", () => {
  const now = Date.parse("2026-11-27T23:00:00Z");
  it("has a range that the page knows, and days that are over", () => {
    expect(rangeOf("365")).toBe("365");
    expect(rangeOf("-1")).toBe("90");
    expect(windowOf("42", now)).toEqual({ from: "2026-10-17", to: "2026-11-27" });
    expect(pastDay("2026-11-26", now)).toBe("2026-11-26");
    expect([pastDay("2026-11-27", now), pastDay("2026-02-31x", now), pastDay(undefined, now)]).toEqual([
      "",
      "",
      "",
    ]);
  });
});
