import { enrolmentDue, proveAgain } from "@/lib/step-up";
import { lookingNote } from "./looking";
import { ApiProblem, OFFLINE, problemOf } from "./problem";
import type { SignedIn } from "./shapes";

/**
 * The browser's side of a session. Tokens live in HttpOnly cookies; known here are only the CSRF token, which
 * changes with the session, and when the access token ends, so that it is renewed once for everyone who waits.
 */
const KEY = "rowhouse.session";
const EARLY_MS = 5_000;
/** What the API says to whoever has no living access token, as opposed to whoever guessed wrong. */
const LAPSED = new Set(["not_authenticated", "token_expired", "token_invalid", "session_ended"]);

let csrf: Promise<string> | null = null;
let refreshing: Promise<boolean> | null = null;
/** Aborted while the person signs out: what is asked for then would be refused, and ask for a renewal in vain. */
let present = new AbortController();
const stayed: (() => void)[] = [];
const lost = new Set<() => void>();

/** Whether someone has signed in with this browser; the API alone decides whether that still holds. */
export function mayBeSignedIn(): boolean {
  return localStorage.getItem(KEY) !== null;
}

/** Which session a call goes out with: another one after each renewal, in whichever tab. */
export const presentSession = () => localStorage.getItem(KEY);

export const presentSignal = () => present.signal;

export const stopAsking = () => present.abort();

/** The sign-out came to nothing: what was being asked for is asked for again. */
export function goOnAsking(): void {
  present = new AbortController();
  for (const go of stayed.splice(0)) go();
}

/** Resolves when the person stays after all; never when they go, as the page does too. */
export const staying = () => new Promise<void>((resolve) => void stayed.push(resolve));

export function sessionBegan(answer: Pick<SignedIn, "expires_in">): void {
  csrf = null;
  localStorage.setItem(KEY, String(Date.now() + answer.expires_in * 1000));
}

export function sessionEnded(): void {
  present = new AbortController();
  stayed.length = 0;
  csrf = null;
  localStorage.removeItem(KEY);
}

/** Calls `listener` when the session can't be renewed any more. */
export function onSessionLost(listener: () => void): () => void {
  lost.add(listener);
  return () => lost.delete(listener);
}

export function csrfToken(): Promise<string> {
  csrf ??= plain("GET", "/api/v1/auth/csrf-token")
    .then((body) => (body as { data: { csrf_token: string } }).data.csrf_token)
    .catch((error: unknown) => {
      csrf = null;
      throw error;
    });
  return csrf;
}

/** Renews the access token if its end is near; answers false when there is nothing to renew. */
export async function renewIfDue(): Promise<void> {
  const end = Number(localStorage.getItem(KEY));
  if (end && end - EARLY_MS < Date.now()) await refresh();
}

/** Whether a call of the session `sentWith` that was answered with `problem` should be repeated once. */
export async function mended(problem: ApiProblem, sentWith: string | null): Promise<boolean> {
  if (problem.status === 403 && problem.code.startsWith("csrf")) {
    csrf = null;
    return true;
  }
  if (problem.code === "step_up_required") return proveAgain();
  if (problem.code === "mfa_enrolment_required") enrolmentDue();
  return problem.status === 401 && LAPSED.has(problem.code) && refresh(sentWith);
}

/** Takes up a session that has only its cookies here, as a provider's sign-in leaves it; false if there is none. */
export const resumeSession = () => refresh();

/** Renews the session `lapsed`, once for all who wait and for all tabs: who hears late of its end goes on with the new. */
function refresh(lapsed = presentSession()): Promise<boolean> {
  // An operator's look at an account ends and is not renewed; a renewal would go on as whoever was here before.
  if (lookingNote() !== null) {
    lose();
    return Promise.resolve(false);
  }
  refreshing ??= takingTurns(async () => {
    const now = presentSession();
    if (now !== null && now !== lapsed) {
      csrf = null;
      return true;
    }
    const body = await plain("POST", "/api/v1/auth/refresh", { "X-CSRF-Token": await csrfToken() });
    sessionBegan((body as { data: SignedIn }).data);
    return true;
  })
    .catch((error: unknown) => {
      if (error instanceof ApiProblem && (error.status === 401 || error.status === 403)) lose();
      return false;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

function lose(): void {
  sessionEnded();
  for (const listener of lost) listener();
}

/** Tabs share the refresh cookie, which works once: only one of them may use it at a time. */
async function takingTurns(work: () => Promise<boolean>): Promise<boolean> {
  return navigator.locks ? navigator.locks.request("rowhouse.refresh", work) : work();
}

async function plain(method: string, path: string, headers: Record<string, string> = {}): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers: { Accept: "application/json", ...headers } });
  } catch {
    throw new ApiProblem(OFFLINE);
  }
  if (!answer.ok) throw problemOf(answer.status, answer.headers, await answer.text());
  return answer.json();
}
