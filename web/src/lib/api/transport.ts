import { noteLooking } from "./looking";
import { ApiProblem, OFFLINE, problemOf } from "./problem";
import { csrfToken, mended, presentSession, presentSignal, renewIfDue, staying, stopAsking } from "./session";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * `fetch` for the typed client: adds the CSRF header to unsafe calls, mends what can be mended (an ended session, a
 * proof that is due) once each and repeats, and throws `ApiProblem` for everything that is not a success. Nothing is
 * read while the person signs out: what is shown stays as it is until its page goes.
 */
export async function send(request: Request): Promise<Response> {
  if (!SAFE.has(request.method)) return exchange(request);
  for (;;) {
    const leaving = presentSignal();
    try {
      leaving.throwIfAborted();
      return await exchange(request, leaving);
    } catch (error) {
      if (!leaving.aborted) throw error;
    }
    if (leaving === presentSignal()) await staying();
  }
}

/** The call that ends the session: nothing else is asked from here on. */
export function sendLast(request: Request): Promise<Response> {
  stopAsking();
  return exchange(request);
}

async function exchange(request: Request, signal: AbortSignal | null = null): Promise<Response> {
  await renewIfDue();
  const before = new Set<string>();
  for (;;) {
    const session = presentSession();
    const answer = await once(request.clone(), signal);
    if (answer.ok) {
      noteLooking(answer.headers.has("X-Rowhouse-Operator"));
      return answer;
    }
    const problem = problemOf(answer.status, answer.headers, await answer.text());
    if (before.has(problem.code) || !(await mended(problem, session))) throw problem;
    before.add(problem.code);
  }
}

async function once(request: Request, signal: AbortSignal | null): Promise<Response> {
  if (!SAFE.has(request.method)) request.headers.set("X-CSRF-Token", await csrfToken());
  try {
    return await fetch(request, { signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(OFFLINE);
  }
}
