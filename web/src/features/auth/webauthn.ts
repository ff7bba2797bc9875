/**
 * Passkeys in the browser. Options and credentials cross the wire as WebAuthn's own JSON; where the browser can't
 * translate it (older ones; extensions that give credentials of their own), it is done here.
 */
export type Json = Record<string, unknown>;

type Descriptor = { id: string; type: "public-key"; transports?: AuthenticatorTransport[] };
type Options = Json & {
  challenge: string;
  rpId?: string;
  rp?: { id?: string };
  user?: Json & { id: string };
  allowCredentials?: Descriptor[];
  excludeCredentials?: Descriptor[];
};

export const passkeysKnown = () => "PublicKeyCredential" in globalThis && "credentials" in navigator;

const DIGITS = /^[\d.]+$|^\[/;

/** Whether passkeys can be offered in the list that the browser opens at the email field. */
export const autofillKnown = async () =>
  passkeysKnown() &&
  !DIGITS.test(window.location.hostname) &&
  (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;

/** Where passkeys of these options live, unless it is here: their host is the page's own or a parent of it. */
export function elsewhere(options: Json, here: URL): string | null {
  const { rpId, rp } = options as Options;
  const host = rpId ?? rp?.id ?? here.hostname;
  if (here.hostname === host || here.hostname.endsWith(`.${host}`)) return null;
  const there = new URL(here);
  there.hostname = host;
  return there.origin;
}

/** Asks the authenticator for a new passkey. Throws a DOMException where the person or the device declines. */
export async function makePasskey(options: Json): Promise<Json> {
  const publicKey = parsed(options, "parseCreationOptionsFromJSON") as PublicKeyCredentialCreationOptions;
  return toJson((await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null);
}

/** Asks for one of the person's passkeys, by a dialog, or with `autofill` when they choose it at the email field. */
export async function showPasskey(options: Json, autofill?: AbortSignal): Promise<Json> {
  const publicKey = parsed(options, "parseRequestOptionsFromJSON") as PublicKeyCredentialRequestOptions;
  const quietly = autofill && { mediation: "conditional" as const, signal: autofill };
  return toJson((await navigator.credentials.get({ publicKey, ...quietly })) as PublicKeyCredential | null);
}

/** The person closed the browser's dialog, or let it time out: nothing that they need be told as a failure. */
export const wasDeclined = (error: unknown) =>
  error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");

function parsed(options: Json, by: "parseCreationOptionsFromJSON" | "parseRequestOptionsFromJSON"): unknown {
  const parse = PublicKeyCredential[by] as ((options: never) => unknown) | undefined;
  return parse ? parse.call(PublicKeyCredential, options as never) : parsedByHand(options as Options);
}

export function parsedByHand(options: Options): unknown {
  const bytes = (list: Descriptor[] | undefined) => list?.map((one) => ({ ...one, id: toBytes(one.id) }));
  const { challenge, user, allowCredentials, excludeCredentials, ...rest } = options;
  return {
    ...rest,
    challenge: toBytes(challenge),
    ...(user && { user: { ...user, id: toBytes(user.id) } }),
    ...(allowCredentials && { allowCredentials: bytes(allowCredentials) }),
    ...(excludeCredentials && { excludeCredentials: bytes(excludeCredentials) }),
  };
}

function toJson(credential: PublicKeyCredential | null): Json {
  if (!credential) throw new DOMException("No passkey was given", "NotAllowedError");
  try {
    return credential.toJSON() as unknown as Json;
  } catch {
    return jsonByHand(credential);
  }
}

const BUFFERS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

export function jsonByHand(credential: PublicKeyCredential): Json {
  const given = credential.response as unknown as Record<string, ArrayBuffer | null | undefined>;
  const response: Json = {};
  for (const name of BUFFERS) if (given[name]) response[name] = toText(given[name]);
  const transports = (credential.response as AuthenticatorAttestationResponse).getTransports?.();
  if (transports) response.transports = transports;
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  };
}

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function toText(buffer: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
