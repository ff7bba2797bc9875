import { expect, it } from "vitest";
import { trackOf } from "./track";

it("draws nothing from fewer than two positions", () => {
  expect(trackOf({ time_s: [0, 1] })).toBeNull();
  expect(trackOf({ time_s: [0, 1], latitude_deg: [50, null], longitude_deg: [8, null] })).toBeNull();
});

it("keeps the proportions: a square on the ground is a square in the drawing", () => {
  const side = 0.01;
  const wide = side / Math.cos(((60 + side / 2) * Math.PI) / 180);
  const track = trackOf({
    time_s: [0, 1, 2, 3],
    latitude_deg: [60, 60 + side, 60 + side, 60],
    longitude_deg: [10, 10, 10 + wide, 10 + wide],
  });
  expect(track?.width).toBeCloseTo(track?.height ?? 0, 3);
  expect(track?.start.y).toBeGreaterThan(track?.spots[1]?.y ?? 0);
});

it("breaks the line where the clock jumps, not where a sample is missing", () => {
  const track = trackOf({
    time_s: [0, 1, 2, 1000, 1001],
    latitude_deg: [50, null, 50.001, 50.1, 50.101],
    longitude_deg: [8, null, 8, 8, 8],
  });
  expect(track?.paths).toHaveLength(2);
});

it("has a round scale that fits", () => {
  const track = trackOf({ time_s: [0, 1], latitude_deg: [50, 50.03], longitude_deg: [8, 8] });
  expect(track?.scale.metres).toBe(1000);
  expect(track?.scale.width).toBeLessThanOrEqual(90);
});
