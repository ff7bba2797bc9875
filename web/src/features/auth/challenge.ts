import { isProblem } from "@/lib/api/problem";

const FACTORS = ["passkey", "totp", "recovery"] as const;
export type Factor = (typeof FACTORS)[number];

/** A sign-in that waits for its second factor. `factors` has the strongest first. */
export type Challenge = { token: string; factors: readonly Factor[] };

function challenge(token: unknown, factors: readonly unknown[]): Challenge | null {
  if (typeof token !== "string" || !token) return null;
  return { token, factors: FACTORS.filter((one) => factors.includes(one)) };
}

/** The question for a second factor that an answer to a sign-in may be. */
export function challengeOf(error: unknown): Challenge | null {
  if (!isProblem(error) || error.code !== "mfa_required") return null;
  const { mfa_token, factors } = error.members;
  return challenge(mfa_token, Array.isArray(factors) ? factors : []);
}

/** Likewise, as a provider's sign-in brings it in the fragment of the address. */
export const challengeIn = (fragment: Readonly<Record<string, string>>) =>
  challenge(fragment.mfa_token, (fragment.factors ?? "").split(","));
