import createClient from "openapi-fetch";
import { ApiProblem, OFFLINE, problemOf } from "@/lib/api/problem";
import type { paths } from "@/lib/api/schema";

const SAFE = new Set(["GET", "HEAD"]);
const SIGNING_IN = "/api/v1/admin/auth/";
let csrf = "";

/** Operators have a session and a CSRF token of their own, apart from every account's; `GET …/me` tells the token. */
export const keepCsrf = (token: string) => {
  csrf = token;
};

const lost = new Set<() => void>();

/** Calls `listener` when the operator's session is found to have ended. Returns its end. */
export function onOperatorLost(listener: () => void): () => void {
  lost.add(listener);
  return () => lost.delete(listener);
}

async function send(request: Request): Promise<Response> {
  if (!SAFE.has(request.method) && csrf) request.headers.set("X-CSRF-Token", csrf);
  let answer: Response;
  try {
    answer = await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(OFFLINE);
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && !new URL(request.url).pathname.startsWith(SIGNING_IN))
    for (const listener of lost) listener();
  throw problemOf(answer.status, answer.headers, await answer.text());
}

export const operatorApi = createClient<paths>({ baseUrl: "", fetch: send });
