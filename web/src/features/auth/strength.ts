export const LEAST_LENGTH = 12;

const COMMON = /password|passwort|qwert|asdf|12345|letmein|welcome|iloveyou|abc123|admin/i;

/**
 * A rough hint while typing, 0 (too short) to 4 (strong): length counts most, variety and few repetitions help.
 * The server's own estimate decides what is taken.
 */
export function strength(password: string): 0 | 1 | 2 | 3 | 4 {
  if (password.length < LEAST_LENGTH) return 0;
  const different = new Set(password.toLowerCase()).size;
  if (COMMON.test(password) || different < 6) return 1;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const score = Math.min(password.length, 24) / 6 + kinds / 2 + Math.min(different, 14) / 7;
  if (score < 4.3) return 2;
  return score < 5.6 ? 3 : 4;
}
