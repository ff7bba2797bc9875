import { describe, expect, it } from "vitest";
import type { Organization } from "./calls";
import { domainsIn, draftOf, editOf, fewerDays, withPresent } from "./settingsDraft";

const otters: Organization = {
  id: "0198c0de-0000-7000-8000-000000000001",
  name: "Otters",
  kind: "team",
  state: "active",
  version: 3,
  created_at: "2026-01-01T00:00:00Z",
  settings: {
    timezone: "Europe/Zurich",
    units: "metric",
    retention_days: 1200,
    archive_on_erasure: false,
    archive_days: 365,
    mfa_required: false,
    session_hours: null,
    allowed_email_domains: ["example.org"],
  },
};

describe("editOf", () => {
  const draft = draftOf(otters);
  it("is nothing while nothing differs", () => expect(editOf(otters, draft)).toBeNull());
  it("names only what differs", () => {
    expect(editOf(otters, { ...draft, name: " Seals ", mfaRequired: true })).toEqual({
      name: "Seals",
      settings: { mfa_required: true },
    });
  });
  it("tells for ever and as usual from a number", () => {
    expect(editOf(otters, { ...draft, retention: "", session: "8" })).toEqual({
      settings: { retention_days: null, session_hours: 8 },
    });
  });
  it("takes spaces and case in domains for what they are", () => {
    expect(editOf(otters, { ...draft, domains: " Example.org ," })).toBeNull();
    expect(editOf(otters, { ...draft, domains: "" })).toEqual({ settings: { allowed_email_domains: [] } });
  });
});

it("tells whether data would be kept for fewer days", () => {
  const draft = draftOf(otters);
  expect(fewerDays(otters, draft)).toBe(0);
  expect(fewerDays(otters, { ...draft, retention: "1825" })).toBe(0);
  expect(fewerDays(otters, { ...draft, retention: "1095" })).toBe(105);
  expect(fewerDays(otters, { ...draft, retention: "" })).toBe(470);
  const usual = { ...otters, settings: { ...otters.settings, retention_days: null } };
  expect(fewerDays(usual, { ...draft, retention: "1095" })).toBe(0);
});

it("reads domains with or without an at", () =>
  expect(domainsIn("@a.org, b.org;B.org\nc.org")).toEqual(["a.org", "b.org", "c.org"]));

it("offers the present value where it is unusual, in its place", () => {
  const usual = { "": "For ever", "365": "1 year", "730": "2 years" };
  expect(withPresent(usual, "400", (n) => `${n} days`).map(([, text]) => text)).toEqual([
    "For ever",
    "1 year",
    "400 days",
    "2 years",
  ]);
  expect(withPresent(usual, "", String)).toHaveLength(3);
});
