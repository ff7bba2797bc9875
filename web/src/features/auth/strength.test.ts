import { expect, it } from "vitest";
import { strength } from "./strength";

it("calls short ones too short, however odd", () => expect(strength("aB3$xY9!")).toBe(0));
it("sees repetitions and the commonest", () => {
  expect(strength("aaaaaaaaaaaaaaaa")).toBe(1);
  expect(strength("password12345")).toBe(1);
});
it("prefers length", () => {
  expect(strength("lanternriver")).toBe(2);
  expect(strength("lantern river tuesday oak")).toBe(4);
});
