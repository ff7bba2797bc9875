import { describe, expect, it } from "vitest";
import {
  bytes,
  cadence,
  distance,
  duration,
  height,
  number,
  spokenDuration,
  temperature,
  tempo,
  text,
} from "./quantities";

describe("duration", () => {
  it("leaves out hours that are not there", () => {
    expect(duration(42)).toBe("0:42");
    expect(duration(2490)).toBe("41:30");
    expect(duration(7509)).toBe("2:05:09");
  });
  it("rounds before it splits, so that no 60 appears", () => {
    expect(duration(59.7)).toBe("1:00");
    expect(duration(3599.6)).toBe("1:00:00");
  });
  it("says nothing where nothing is known", () => expect(duration(null)).toBe("–"));
  it("can be spoken", () => expect(spokenDuration(3661)).toBe("1 hour 1 minute 1 second"));
});

describe("distance", () => {
  it("is in kilometres or miles", () => {
    expect(text(distance(10_000, "metric"))).toBe("10.00\u00a0km");
    expect(text(distance(1609.344, "imperial"))).toBe("1.00\u00a0mi");
  });
  it("keeps a pool in metres", () => expect(text(distance(1500, "metric", "swim"))).toBe("1,500\u00a0m"));
  it("tells zero from unknown", () => {
    expect(text(distance(0, "metric"))).toBe("0.00\u00a0km");
    expect(text(distance(null, "metric"))).toBe("–");
  });
});

describe("tempo", () => {
  it("speaks the sport's language", () => {
    expect(text(tempo(1000 / 300, "run", "metric"))).toBe("5:00\u00a0/km");
    expect(text(tempo(1, "swim", "metric"))).toBe("1:40\u00a0/100 m");
    expect(text(tempo(2.5, "row", "imperial"))).toBe("3:20\u00a0/500 m");
    expect(text(tempo(10, "ride", "metric"))).toBe("36.0\u00a0km/h");
    expect(text(tempo(10, "ride", "imperial"))).toBe("22.4\u00a0mph");
  });
  it("has no pace for standing still, but a speed", () => {
    expect(text(tempo(0, "run", "metric"))).toBe("–");
    expect(text(tempo(0, "ride", "metric"))).toBe("0.0\u00a0km/h");
  });
});

describe("other quantities", () => {
  it("uses a true minus, and none for what rounds to nothing", () => {
    expect(number(-5.25, 1)).toBe("−5.3");
    expect([number(-0.4), number(-0.04, 1), number(-10)]).toEqual(["0", "0.0", "−10"]);
  });
  it("converts height and temperature", () => {
    expect(text(height(100, "imperial"))).toBe("328\u00a0ft");
    expect(text(temperature(-40, "imperial"))).toBe("−40\u00a0°F");
  });
  it("counts a runner's steps and a rider's turns", () => {
    expect(text(cadence(88, "run"))).toBe("176\u00a0spm");
    expect(text(cadence(88, "ride"))).toBe("88\u00a0rpm");
  });
  it("writes sizes", () => {
    expect(bytes(0)).toBe("0\u00a0B");
    expect(bytes(1_540_000)).toBe("1.5\u00a0MB");
  });
});
