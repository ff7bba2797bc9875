import { ApiProblem, OFFLINE, problemOf } from "./problem";
import { csrfToken, mended, renewIfDue } from "./session";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * `fetch` for the typed client: adds the CSRF header to unsafe calls, renews an ended session and repeats once,
 * and throws `ApiProblem` for everything that is not a success.
 */
export async function send(request: Request): Promise<Response> {
  await renewIfDue();
  const answer = await once(request.clone());
  if (answer.ok) return answer;
  const problem = problemOf(answer.status, answer.headers, await answer.text());
  if (!(await mended(problem, new URL(request.url).pathname))) throw problem;
  const second = await once(request);
  if (second.ok) return second;
  throw problemOf(second.status, second.headers, await second.text());
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
