import { expect, it } from "vitest";
import { keepNext, nextOf } from "./next";

it("goes where one wanted to, whoever asked for it", () => {
  expect(nextOf({ next: "/uploads?x=1" })).toBe("/uploads?x=1");
  expect(nextOf({ return_to: "/arrived?next=%2Fuploads" })).toBe("/arrived?next=%2Fuploads");
  expect(nextOf({})).toBe("/");
});

it.each(["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "uploads", ""])(
  "never leads away from this site: %s",
  (next) => expect(nextOf({ next })).toBe("/"),
);

it("carries it along to the next page, and nothing where it is the start", () => {
  expect(keepNext("/sign-up", { next: "/a?b=c&d" })).toBe("/sign-up?next=%2Fa%3Fb%3Dc%26d");
  expect(keepNext("/sign-up", {})).toBe("/sign-up");
});
