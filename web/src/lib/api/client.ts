import createClient from "openapi-fetch";
import type { paths } from "./schema";
import { send } from "./transport";

/** The typed client. Its calls throw `ApiProblem` for everything that is not a success. */
export const api = createClient<paths>({ baseUrl: "", fetch: send });

/** The body of an answer; where the document names no type for it, the caller does. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
