import { describe, expect, it } from "vitest";
import { parsed, shownValue, typedOf } from "./kinds";

describe("thresholds as people say them", () => {
  it("reads a pace as a speed, and writes it back", () => {
    const speed = parsed("threshold_speed_mps", "4:30", "metric");
    expect(speed).toBeCloseTo(3.7037, 4);
    expect(typedOf("threshold_speed_mps", speed, "metric")).toBe("4:30");
    expect(parsed("threshold_speed_mps", "7:15", "imperial")).toBeCloseTo(3.6996, 4);
    expect(
      ["4.5", "4:70", "0:00", ""].map((typed) => parsed("threshold_speed_mps", typed, "metric")),
    ).toEqual([null, null, null, null]);
  });
  it("keeps weights metric", () => {
    expect(parsed("weight_kg", "154.3", "imperial")).toBeCloseTo(69.99, 2);
    expect(shownValue("weight_kg", 70, "imperial")).toBe("154.3\u00a0lb");
    expect(parsed("weight_kg", "70,5", "metric")).toBe(70.5);
  });
  it("takes numbers and nothing else", () => {
    expect([" 255 ", "much", ""].map((typed) => parsed("ftp_w", typed, "metric"))).toEqual([255, null, null]);
    expect(parsed("sex", "female", "metric")).toBe("female");
    expect(parsed("sex", "tall", "metric")).toBeNull();
  });
});
