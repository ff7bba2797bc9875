import type { paths } from "./schema";
import { send } from "./transport";

type Post<Path extends keyof paths> = paths[Path] extends { post: infer Operation } ? Operation : never;
type Given<Path extends keyof paths> =
  Post<Path> extends { requestBody: { content: { "application/json": infer Body } } } ? Body : null;
type Answer<Path extends keyof paths> =
  Extract<
    Post<Path> extends { responses: infer Responses }
      ? Responses[keyof Responses & (200 | 201 | 202)]
      : never,
    { content: unknown }
  > extends { content: { "application/json": { data: infer Data } } }
    ? Data
    : undefined;
/** The paths that are posted to, without a parameter in them. */
export type Postable = {
  [Path in keyof paths]: Path extends `${string}{${string}` ? never : Post<Path> extends never ? never : Path;
}[keyof paths];

/** A typed call for the pages before the sign-in, which are too small for the whole client. Throws `ApiProblem`. */
export async function post<Path extends Postable>(path: Path, given: Given<Path>): Promise<Answer<Path>> {
  const answer = await send(
    new Request(path, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json" },
      body: given === null ? null : JSON.stringify(given),
    }),
  );
  return answer.status === 204
    ? (undefined as Answer<Path>)
    : ((await answer.json()) as { data: Answer<Path> }).data;
}
