import { describe, expect, it } from "vitest";
import { ago, clock, day, zoneName, zoneOf } from "./time";

const workout = {
  start_time: "2026-07-04T22:30:00Z",
  timezone: "Asia/Tokyo",
  local_start_time: "2026-07-05T07:30:00+09:00",
};

describe("zoneOf", () => {
  it("is the workout's own or home, as preferred", () => {
    expect(zoneOf(workout, { zone: "workout", homeZone: "Europe/Berlin" })).toBe("Asia/Tokyo");
    expect(zoneOf(workout, { zone: "home", homeZone: "Europe/Berlin" })).toBe("Europe/Berlin");
  });
  it("falls back to the offset, then to home", () => {
    const nameless = { ...workout, timezone: null };
    expect(zoneOf(nameless, { zone: "workout", homeZone: "Europe/Berlin" })).toBe("+09:00");
    expect(
      zoneOf({ ...nameless, local_start_time: null }, { zone: "workout", homeZone: "Europe/Berlin" }),
    ).toBe("Europe/Berlin");
    expect(
      zoneOf({ ...workout, timezone: "Mars/Base" }, { zone: "workout", homeZone: "Europe/Berlin" }),
    ).toBe("+09:00");
  });
});

describe("day and clock", () => {
  it("belong to the zone", () => {
    const later = new Date("2027-01-01T12:00:00Z");
    expect(day(workout.start_time, "Asia/Tokyo", later)).toBe("Sun 5 Jul 2026");
    expect(day(workout.start_time, "UTC", later)).toBe("Sat 4 Jul 2026");
    expect(day(workout.start_time, "UTC", new Date("2026-12-01T12:00:00Z"))).toBe("Sat 4 Jul");
    expect(clock(workout.start_time, "+09:00")).toBe("07:30");
  });
});

describe("words", () => {
  it("names zones", () => {
    expect(zoneName("America/New_York")).toBe("New York time");
    expect(zoneName("-05:00")).toBe("UTC−05:00");
  });
  it("says how long ago", () => {
    const now = Date.parse("2026-07-05T00:00:00Z");
    expect(ago("2026-07-04T23:59:40Z", now)).toBe("just now");
    expect(ago("2026-07-04T23:55:00Z", now)).toBe("5 minutes ago");
    expect(ago("2026-07-02T00:00:00Z", now)).toBe("3 days ago");
  });
});
