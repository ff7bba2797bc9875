import { noteLooking } from "./looking";
import { ApiProblem, OFFLINE, problemOf } from "./problem";
import { csrfToken, mended, presentSession, renewIfDue } from "./session";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * `fetch` for the typed client: adds the CSRF header to unsafe calls, mends what can be mended (an ended session, a
 * proof that is due) once each and repeats, and throws `ApiProblem` for everything that is not a success.
 */
export async function send(request: Request): Promise<Response> {
  await renewIfDue();
  const before = new Set<string>();
  for (;;) {
    const session = presentSession();
    const answer = await once(request.clone());
    if (answer.ok) {
      noteLooking(answer.headers.has("X-Rowhouse-Operator"));
      return answer;
    }
    const problem = problemOf(answer.status, answer.headers, await answer.text());
    if (before.has(problem.code) || !(await mended(problem, session))) throw problem;
    before.add(problem.code);
  }
}

async function once(request: Request): Promise<Response> {
  if (!SAFE.has(request.method)) request.headers.set("X-CSRF-Token", await csrfToken());
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(OFFLINE);
  }
}
