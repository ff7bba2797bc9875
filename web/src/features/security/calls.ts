import type { Json } from "@/features/auth/webauthn";
import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Mfa = Schemas["MfaView"];
export type Way = Mfa["step_up"][number];
export type Passkey = Schemas["PasskeyView"];
export type Session = Schemas["SessionView"];
export type Identity = Schemas["IdentityView"];
export type SecurityEvent = Schemas["SecurityEventView"];

/** One's own factors, sessions and what happened to them. Sensitive calls may ask for a fresh proof on their way. */
export const getMfa = async () => (await body(api.GET("/api/v1/auth/mfa"))).data;

export const beginTotp = async () => (await body(api.POST("/api/v1/auth/mfa/totp"))).data;
export const confirmTotp = async (code: string) =>
  (await body(api.POST("/api/v1/auth/mfa/totp/confirm", { body: { code } }))).data.recovery_codes;
export const removeTotp = () => body(api.DELETE("/api/v1/auth/mfa/totp"));
export const makeRecoveryCodes = async () =>
  (await body(api.POST("/api/v1/auth/mfa/recovery-codes"))).data.recovery_codes;

export type Proof = { password: string } | { code: string } | { passkey: Json };
export const stepUp = (proof: Proof) =>
  body(api.POST("/api/v1/auth/step-up", { body: proof as Schemas["StepUpRequest"] }));
export const mailStepUpCode = () => body(api.POST("/api/v1/auth/step-up/mail"));

export const listPasskeys = async () => (await body(api.GET("/api/v1/auth/passkeys"))).data;
export const newPasskeyOptions = async (): Promise<Json> =>
  (await body(api.POST("/api/v1/auth/passkeys/options"))).data.options;
export const addPasskey = async (name: string, credential: Json) => {
  const given = { name, credential: credential as Schemas["NewCredential"] };
  return (await body(api.POST("/api/v1/auth/passkeys", { body: given }))).data;
};
const passkey = (passkey_id: string) => ({ params: { path: { passkey_id } } });
export const renamePasskey = (id: string, name: string) =>
  body(api.PATCH("/api/v1/auth/passkeys/{passkey_id}", { ...passkey(id), body: { name } }));
export const removePasskey = (id: string) =>
  body(api.DELETE("/api/v1/auth/passkeys/{passkey_id}", passkey(id)));

export const listSessions = async () => (await body(api.GET("/api/v1/auth/sessions"))).data;
export const endSession = (session_id: string) =>
  body(api.DELETE("/api/v1/auth/sessions/{session_id}", { params: { path: { session_id } } }));
export const endOtherSessions = () => body(api.DELETE("/api/v1/auth/sessions"));

export const listIdentities = async () => (await body(api.GET("/api/v1/auth/identities"))).data;
export const linkIdentity = async (provider: string) => {
  const given = { provider, return_to: "/settings/security" };
  return (await body(api.POST("/api/v1/auth/identities", { body: given }))).data.authorize_url;
};
export const unlinkIdentity = (identity_id: string) =>
  body(api.DELETE("/api/v1/auth/identities/{identity_id}", { params: { path: { identity_id } } }));

export const changePassword = (change: { old: string; new: string; end_api_keys: boolean }) =>
  body(api.POST("/api/v1/auth/password/change", { body: change }));
export const changeEmail = (email: string) => body(api.POST("/api/v1/auth/email", { body: { email } }));
export const confirmEmail = (code: string) => body(api.POST("/api/v1/auth/email/verify", { body: { code } }));

export const listEvents = (cursor: string | null) => {
  const query = { limit: 10, ...(cursor && { cursor }) };
  return body(api.GET("/api/v1/auth/security-events", { params: { query } }));
};
