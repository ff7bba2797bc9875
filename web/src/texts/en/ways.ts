/** What the ways in say beyond the form with email and password; loaded when they are used. */
export const ways = {
  provider: (name: string) => `Continue with ${name}`,
  back: "Back to sign-in",
  passkeyElsewhere: (origin: string) => `Passkeys don’t work at this address. Open ${origin} instead.`,
  passkeyFailed: "This passkey was not accepted. Try another, or sign in another way.",
  passkeyDeclined: "No passkey was used. Try again, or choose another way.",
  passkeyUnknown: "This browser knows no passkeys. Choose another way.",

  mailedTitle: "Check your mail",
  mailed: (email: string) =>
    `If ${email} has an account, a mail with a link and a six-digit code is on its way. Open the link, or enter the code here.`,
  mailedWrong: "This code is wrong or has expired. Check the newest mail, or send a new code.",

  challengeTitle: "One more step",
  challengeTotp: "Enter the code that your authenticator app shows now.",
  challengeRecovery: "Enter one of the recovery codes you kept. Each works once.",
  challengePasskey: "Confirm with your passkey that it is you.",
  totpWrong: "This code is not right or was used before. Wait for the app’s next code.",
  recoveryWrong: "This recovery code is not right or was used before. Try another.",
  recoveryLabel: "Recovery code",
  recoveryShort: "A recovery code has ten letters and digits.",
  confirm: "Confirm",
  usePasskey: "Use a passkey",
  useTotp: "Use the authenticator app",
  useRecovery: "Use a recovery code",
  challengeOver: "This sign-in took too long or was tried too often. Begin again.",

  linkTitle: "Sign in by link",
  linkLead:
    "You opened the link from our mail. It works once, so nothing happens until you press the button.",
  linkAction: "Sign in now",
  linkMissing: "This page needs the link from our mail: open it again, or ask for a new one.",
  linkOver: "This link has expired or was used before. Ask for a new one.",
  toSignIn: "Go to sign-in",

  forgotTitle: "Forgot your password?",
  forgotLead: "Give us your email. We send a link to choose a new password.",
  forgotAction: "Send the link",
  forgotDone: (email: string) =>
    `If ${email} has an account, a mail with a link is on its way. Nothing there after a few minutes? Look in the spam folder, or check the address.`,
  again: "Send it again",
  newLink: "Ask for a new link",

  resetTitle: "Choose a new password",
  resetLead: "Every device will be signed out, so only who knows the new password is in.",
  resetLabel: "New password",
  resetAction: "Change password",
  keysToo: "End my API keys too",
  resetKeys:
    "Leave this on if somebody else may have had your password or your mailbox. Programs that use a key stop until you give them a new one.",

  unlockTitle: "Let this browser in",
  unlockLead:
    "Someone tried your password too often, so unknown browsers have to wait. If it was you, go on; this browser won’t have to wait again.",
  unlockAction: "It was me",
  unlockDone: "This browser is let in. Sign in, or choose a new password if it was not you.",

  arriving: "Signing you in",
  arrivedNot: "The sign-in did not reach us. Begin again.",

  refused: {
    oauth_state_invalid: "This sign-in took too long or was begun in another browser. Begin again.",
    oauth_denied: "The provider did not confirm who you are. Try again, or sign in another way.",
    id_token_invalid: "We could not verify the provider’s answer. Begin again, or sign in another way.",
    oauth_email_unverified:
      "The provider has not verified your email address. Verify it there, or sign in another way.",
    oauth_email_taken:
      "This email belongs to an account here already. Sign in the usual way, then link the provider under Security.",
    identity_taken: "This identity is linked to another account already. Unlink it there first.",
    person_inactive: "This account is suspended. Ask an owner of your organization.",
    no_active_account: "None of your organizations is active. Ask an owner of one to let you in.",
    organization_provisioning: "Your organization is being set up. Sign in again in a moment.",
    provider_unknown: "This provider is not offered here any more. Sign in another way.",
    provider_away: "The provider can’t be reached just now. Try again in a moment, or sign in another way.",
    sign_in_busy: "Too many people are signing in at this moment. Try again in a few seconds.",
  } as Readonly<Record<string, string>>,
  refusedOtherwise: "Signing in that way did not work. Try again, or sign in another way.",
};
