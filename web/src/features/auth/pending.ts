/** The sign-up that waits for its code; kept for this tab only, so that a reload goes on where it was. */
const KEY = "rowhouse.pending-email";

/** `registration` ties the code to the sign-up made here; a sign-in to an unverified account has none. */
export const rememberPending = (email: string, registration: string | null = null) =>
  sessionStorage.setItem(KEY, JSON.stringify([email, registration]));
export const forgetPending = () => sessionStorage.removeItem(KEY);
export const pendingEmail = () => pending()[0];
export const pendingRegistration = () => pending()[1];

function pending(): readonly [email: string, registration: string | null] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as [string, string | null] | null;
    return kept ?? ["", null];
  } catch {
    return ["", null];
  }
}
