/** The invitation somebody came with; kept for this tab, so that it outlives signing in or signing up. */
const KEY = "rowhouse.invitation";

export const rememberInvitation = (token: string) => sessionStorage.setItem(KEY, token);
export const rememberedInvitation = () => sessionStorage.getItem(KEY) ?? "";
export const forgetInvitation = () => sessionStorage.removeItem(KEY);
