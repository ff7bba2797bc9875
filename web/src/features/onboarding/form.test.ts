import { describe, expect, it } from "vitest";
import { differences, type Form, said } from "./form";

const sports = [
  { const: "ride", title: "Cycling" },
  { const: "run", title: "Running" },
];
const form: Form = {
  properties: {
    units: { type: "string", title: "Units", oneOf: [{ const: "metric", title: "Metric (km)" }] },
    sports: { type: "array", title: "Your sports", items: { oneOf: sports } },
    years: { type: "integer" },
  },
  required: [],
};

describe("differences", () => {
  it("names what was answered differently, in the form's words", () =>
    expect(differences(form, { units: "metric", sports: ["run", "ride"] }, { years: 3 })).toEqual([
      { name: "units", label: "Units", mine: "Metric (km)", theirs: "Nothing" },
      { name: "sports", label: "Your sports", mine: "Running, Cycling", theirs: "Nothing" },
      { name: "years", label: "years", mine: "Nothing", theirs: "3" },
    ]));
  it("takes no answer and an empty one for the same, whatever the order of choices", () =>
    expect(differences(form, { units: "", sports: ["run", "ride"] }, { sports: ["ride", "run"] })).toEqual(
      [],
    ));
});

describe("said", () => {
  it("shows a choice that the form does not know as it is", () =>
    expect(said({ type: "string", oneOf: [] }, "cubits")).toBe("cubits"));
});
