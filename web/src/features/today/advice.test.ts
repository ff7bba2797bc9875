import { expect, it } from "vitest";
import { adviceOf } from "./advice";

it("goes by the more careful of form and night, and says whose word it is", () => {
  expect(adviceOf("neutral", "strained")).toEqual({ advice: "easy", by: "night" });
  expect(adviceOf("fresh", "usual")).toEqual({ advice: "planned", by: "night" });
  expect(adviceOf("fresh", "mixed")).toEqual({ advice: "feel", by: "night" });
  expect(adviceOf("neutral", "recovered")).toEqual({ advice: "planned", by: "form" });
  expect(adviceOf("strain", "strained")).toEqual({ advice: "rest", by: "form" });
});

it("calls a session hard only where nothing speaks for less", () => {
  expect(adviceOf("fresh", "recovered")).toEqual({ advice: "hard", by: "both" });
  expect(adviceOf("productive", "long")).toEqual({ advice: "planned", by: "both" });
});

it("says where one of them is not known, and nothing where neither is", () => {
  expect(adviceOf("fresh", null)).toEqual({ advice: "hard", by: "formAlone" });
  expect(adviceOf("fresh", "unknown")).toEqual({ advice: "hard", by: "formAlone" });
  expect(adviceOf(null, "short")).toEqual({ advice: "feel", by: "nightAlone" });
  expect(adviceOf(null, "unknown")).toBeNull();
  expect(adviceOf(null, null)).toBeNull();
});
