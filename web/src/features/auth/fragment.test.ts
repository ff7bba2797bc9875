import { expect, it } from "vitest";
import { partsOf } from "./fragment";

it("reads what stands behind the #", () => {
  expect(partsOf("#token=a-b_c")).toEqual({ token: "a-b_c" });
  expect(partsOf("#mfa_token=t&factors=totp%2Crecovery")).toEqual({
    mfa_token: "t",
    factors: "totp,recovery",
  });
  expect(partsOf("")).toEqual({});
});
