import { describe, expect, it } from "vitest";
import type { Profile, Threshold } from "./calls";
import { shownValue } from "./kinds";
import { ownSince, readStarts, typedStarts } from "./zones";

describe("zones of one's own", () => {
  it("are typed from the second on, and read back", () => {
    const typed = typedStarts("heart_rate_bpm", [0, 141.9, 150.3, 158.6, 167], "metric");
    expect(typed).toEqual(["142", "150", "159", "167"]);
    expect(readStarts("heart_rate_bpm", typed, "metric").starts).toEqual([0, 142, 150, 159, 167]);
  });
  it("are paces for a runner, the faster the higher", () => {
    const typed = typedStarts("speed_mps", [0, 2.8083, 3.1683], "metric");
    expect(typed).toEqual(["5:56", "5:16"]);
    expect(readStarts("speed_mps", ["5:00", "4:00"], "metric").starts).toEqual([0, 3.3333, 4.1667]);
    expect(readStarts("speed_mps", ["4:00", "5:00"], "metric").wrong).toBe(1);
  });
  it("rise, each above the one before", () => {
    expect(readStarts("power_w", ["150", "150"], "metric").wrong).toBe(1);
    expect(readStarts("power_w", ["", "150"], "metric").wrong).toBe(0);
    expect(readStarts("power_w", ["0"], "metric").wrong).toBe(0);
    expect(readStarts("power_w", ["150", "x"], "metric").wrong).toBe(1);
  });
  it("hold from their day until they are made of thresholds again", () => {
    const profile = { date: "2026-11-27" } as Profile;
    const since = (valid_from: string, value: number[]) =>
      ({ kind: "power_zones_w", valid_from, value }) as Threshold;
    const own = since("2026-03-01", [0, 150]);
    expect(ownSince("power_w", profile, [own])).toBe("2026-03-01");
    expect(ownSince("power_w", profile, [own, since("2026-05-01", [])])).toBeNull();
    expect(ownSince("power_w", profile, [own, since("2027-01-01", [])])).toBe("2026-03-01");
    expect(ownSince("heart_rate_bpm", profile, [own])).toBeNull();
  });
  it("stand in the history in their unit", () => {
    expect(shownValue("power_zones_w", [0, 150, 220], "metric")).toBe("150\u00a0W · 220\u00a0W");
    expect(shownValue("speed_zones_mps", [0, 4], "metric")).toBe("4:10\u00a0/km");
    expect(shownValue("heart_zones_bpm", [], "metric")).toBe("Made of thresholds");
  });
});
