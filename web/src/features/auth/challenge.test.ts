import { expect, it } from "vitest";
import { ApiProblem } from "@/lib/api/problem";
import type { Problem } from "@/lib/api/shapes";
import { challengeIn, challengeOf } from "./challenge";

const refusal = (members: object) =>
  new ApiProblem({ type: "", title: "Now the second factor", status: 401, ...members } as Problem);

it("reads the question for a second factor, the strongest first", () => {
  const asked = refusal({
    code: "mfa_required",
    mfa_token: "t",
    factors: ["totp", "recovery", "passkey", "new"],
  });
  expect(challengeOf(asked)).toEqual({ token: "t", factors: ["passkey", "totp", "recovery"] });
});

it("takes no other refusal for it, nor one without a token", () => {
  expect(challengeOf(refusal({ code: "invalid_credentials", mfa_token: "t" }))).toBeNull();
  expect(challengeOf(refusal({ code: "mfa_required", factors: ["totp"] }))).toBeNull();
  expect(challengeOf(new Error("mfa_required"))).toBeNull();
});

it("reads it from a fragment, too", () => {
  expect(challengeIn({ mfa_token: "t", factors: "totp,recovery" })).toEqual({
    token: "t",
    factors: ["totp", "recovery"],
  });
  expect(challengeIn({})).toBeNull();
});
