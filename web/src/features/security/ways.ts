import type { Way } from "./calls";

const STRONGEST: readonly Way[] = ["passkey", "totp", "recovery", "password", "mail"];

/** What a step-up takes, the strongest first, without passkeys where the browser knows none. */
export const strongestFirst = (ways: readonly Way[], passkeys: boolean) =>
  STRONGEST.filter((one) => ways.includes(one) && (one !== "passkey" || passkeys));
