import { expect, it } from "vitest";
import { ApiProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { said } from "./ProblemNotice";

const missing = (code: string) =>
  said(new ApiProblem({ type: "about:blank", title: "Nothing in this range.", status: 404, code }), 0).title;

it("says that a thing is gone, unless the API says what else is missing", () => {
  expect(missing("not_found")).toBe(t.problems.goneTitle);
  expect(missing("unreadable")).toBe(t.problems.goneTitle);
  expect(missing("nothing_to_export")).toBe("Nothing in this range.");
});
