import { isProblem } from "@/lib/api/problem";
import * as t from "@/texts/en";
import { passkeyOptions } from "./calls";
import { elsewhere, type Json, showPasskey, wasDeclined } from "./webauthn";

/** What is told as it is. */
export class Told extends Error {}

/** A fresh proof by one of the person's passkeys, which the API takes for signing in and for everything sensitive. */
export async function provePasskey(autofill?: AbortSignal): Promise<Json> {
  const options = await passkeyOptions();
  const origin = elsewhere(options, new URL(window.location.href));
  if (origin) throw new Told(t.ways.passkeyElsewhere(origin));
  return showPasskey(options, autofill);
}

/** What went wrong with a passkey, in words; null where it was something else. */
export function passkeyTrouble(error: unknown): string | null {
  if (error instanceof Told) return error.message;
  if (wasDeclined(error)) return t.ways.passkeyDeclined;
  if (error instanceof DOMException) return t.ways.passkeyFailed;
  return isProblem(error) && error.code === "passkey_refused" ? t.ways.passkeyFailed : null;
}
