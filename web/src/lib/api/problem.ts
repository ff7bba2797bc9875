import type { Problem } from "./shapes";

/** What a call throws when the API answers with a problem, or when no answer came (`code` "offline"). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | null;
  readonly requestId: string | null;
  readonly fields: Readonly<Record<string, string>>;
  /** Seconds after which the API asks to be called again (429 and 503). */
  readonly retryAfter_s: number | null;
  /** The problem as it came, for members of its own such as `current`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(problem: Problem, retryAfter_s: number | null = null) {
    super(problem.title);
    this.name = "ApiProblem";
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail ?? null;
    this.requestId = problem.request_id ?? null;
    this.fields = Object.fromEntries(
      (problem.errors ?? []).map((e) => [e.field.split(".").at(-1), e.message]),
    );
    this.retryAfter_s = retryAfter_s;
    this.members = problem;
  }
}

export const OFFLINE: Problem = { type: "about:blank", title: "No connection", status: 0, code: "offline" };

export function retryAfter(header: string | null): number | null {
  if (!header) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, (until - Date.now()) / 1000);
}

export function problemOf(
  status: number,
  headers: { get(name: string): string | null },
  body: string,
): ApiProblem {
  const wait = retryAfter(headers.get("Retry-After"));
  const requestId = headers.get("X-Request-ID");
  try {
    const parsed = JSON.parse(body) as Partial<Problem>;
    if (typeof parsed.title === "string" && typeof parsed.code === "string")
      return new ApiProblem(
        { type: "about:blank", request_id: requestId, ...parsed, status } as Problem,
        wait,
      );
  } catch {
    // A proxy in between may answer in HTML: the status still says what there is to say.
  }
  return new ApiProblem(
    { type: "about:blank", title: `Status ${status}`, status, code: "unreadable", request_id: requestId },
    wait,
  );
}

export const isProblem = (error: unknown): error is ApiProblem => error instanceof ApiProblem;
