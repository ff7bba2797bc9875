import { describe, expect, it } from "vitest";
import { healthOf } from "./health";

const NOW = Date.parse("2026-11-27T10:00:00Z");
const known = { status: "connected", last_sync: "2026-11-27T09:30:00Z" } as const;

describe("healthOf", () => {
  it("says when it synced, and when it does next", () => {
    const health = healthOf({ ...known, next_sync: "2026-11-27T15:00:00Z" }, "Strava", NOW);
    expect(health).toMatchObject({ tone: "ok", todo: null });
    expect(health.text).toBe("Last synced 30 minutes ago. Next by itself in 5 hours.");
  });
  it("says when a used limit lets it go on, only while a sync waits for that", () => {
    const waiting = { ...known, next_sync: "2026-11-27T10:05:00Z", error_code: "quota" };
    expect(healthOf({ ...waiting, job_id: "a" }, "Strava", NOW).text).toContain(
      "goes on by itself in 5 minutes",
    );
    expect(healthOf({ ...waiting, job_id: null }, "Strava", NOW).tone).toBe("ok");
  });
  it("says until when only what is older waits", () => {
    const waiting = { ...known, next_sync: "2026-11-27T10:05:00Z", error_code: "history_waits", job_id: "a" };
    expect(healthOf(waiting, "Strava", NOW)).toMatchObject({
      tone: "warn",
      text: "Strava lets us ask only so often. What is new still comes; what is older goes on by itself in 5 minutes.",
      todo: null,
    });
  });
  it("asks for the one thing that helps", () => {
    expect(healthOf({ ...known, status: "needs_reauth" }, "Strava", NOW).todo).toBe("connect");
    expect(healthOf({ ...known, status: "expired" }, "Strava", NOW).todo).toBe("connect");
    expect(healthOf({ ...known, status: "failing" }, "Strava", NOW).todo).toBe("sync");
  });
  it("tells the first sync from later ones", () => {
    expect(healthOf({ status: "syncing", last_sync: null }, "Strava", NOW).text).toContain(
      "Everything that Strava has",
    );
    expect(healthOf({ ...known, status: "syncing" }, "Strava", NOW).text).toBe("Looking for what is new.");
  });
});
