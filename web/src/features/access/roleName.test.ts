import { expect, it } from "vitest";
import { roleNameOf } from "./roleName";

const VALID = /^[a-z][a-z0-9_-]{1,39}$/;

it("makes a plain name of a title", () => {
  expect(roleNameOf("Front desk", [])).toBe("front-desk");
  expect(roleNameOf("Équipe – Zürich!", [])).toBe("equipe-zurich");
});

it("steps aside where the name is taken", () =>
  expect(roleNameOf("Owner", ["owner", "owner-2"])).toBe("owner-3"));

it("is always a name that the API takes", () => {
  for (const title of ["x", "日本", "42", "-", "a".repeat(100), "3 D", `${"b ".repeat(50)}`])
    expect(roleNameOf(title, [])).toMatch(VALID);
  expect(roleNameOf("a".repeat(100), ["a".repeat(36)])).toMatch(VALID);
});
