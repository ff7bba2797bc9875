import { expect, it, vi } from "vitest";
import type { Form } from "./form";
import { suggested } from "./StageForm";

vi.mock("@/lib/preferences", () => ({ deviceZone: () => "Europe/Vienna" }));

const form = (zone?: string, units?: string): Form => ({
  properties: {
    home: { type: "string", format: "timezone", ...(zone && { default: zone }) },
    units: { type: "string", ...(units && { default: units }) },
  },
  required: [],
});

it("proposes what the organization has set before the zone of the device", () => {
  expect(suggested(form(), {})).toEqual({ home: "Europe/Vienna" });
  expect(suggested(form("Europe/Zurich", "imperial"), {})).toEqual({
    home: "Europe/Zurich",
    units: "imperial",
  });
});

it("proposes nothing where there is an answer, an empty one among them", () =>
  expect(suggested(form("Europe/Zurich", "imperial"), { home: "", units: "metric" })).toEqual({}));
