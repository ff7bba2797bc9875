import { post } from "@/lib/api/plain";
import { sessionBegan } from "@/lib/api/session";
import type { Credentials, Registration, SignedIn } from "@/lib/api/shapes";
import type { Json } from "./webauthn";

/** The ways in. Each that signs in leaves the session's cookies; a second factor that is due is an `ApiProblem`. */
const begin = async (answer: Promise<SignedIn>) => sessionBegan(await answer);

export const signIn = (given: Omit<Credentials, "cookies">) =>
  begin(post("/api/v1/auth/login", { ...given, cookies: true }));

export const register = (registration: Registration) => post("/api/v1/auth/register", registration);
export const resendCode = (email: string) => post("/api/v1/auth/resend-code", { email });

/** `registration` ties the code to the sign-up in this browser: nobody else's code for the address counts then. */
export const verifyEmail = (email: string, code: string, registration: string | null) =>
  begin(post("/api/v1/auth/verify-email", { email, code, registration, cookies: true, stay: true }));

export const askSignInLink = (email: string) => post("/api/v1/auth/magic-link", { email });

type ByMail = { email: string; code: string } | { token: string };
export const signInByMail = (shown: ByMail, stay: boolean) =>
  begin(post("/api/v1/auth/magic-link/verify", { ...shown, cookies: true, stay }));

export const passkeyOptions = async (): Promise<Json> =>
  (await post("/api/v1/auth/passkeys/sign-in/options", null)).options;

export const signInByPasskey = (credential: Json, stay: boolean) =>
  begin(post("/api/v1/auth/passkeys/sign-in", { credential: credential as never, cookies: true, stay }));

type Factor = { code: string } | { passkey: Json };
export const passChallenge = (mfa_token: string, shown: Factor) =>
  begin(post("/api/v1/auth/mfa/verify", { mfa_token, ...(shown as { code: string }) }));

export const askPasswordLink = (email: string) => post("/api/v1/auth/password/forgot", { email });
export const resetPassword = (reset: { token: string; password: string; end_api_keys: boolean }) =>
  post("/api/v1/auth/password/reset", reset);
export const unlock = (token: string) => post("/api/v1/auth/unlock", { token });
