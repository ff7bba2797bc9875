/** The email that waits for its code; kept for this tab only, so that a reload goes on where it was. */
const KEY = "rowhouse.pending-email";

export const rememberPending = (email: string) => sessionStorage.setItem(KEY, email);
export const forgetPending = () => sessionStorage.removeItem(KEY);
export const pendingEmail = () => sessionStorage.getItem(KEY) ?? "";
