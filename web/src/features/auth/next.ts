import { START } from "@/lib/start";

/** Where to go after signing in: an address of this site that was asked for, else the start. */
export function nextOf(query: Readonly<Record<string, string>>): string {
  const next = query.next ?? query.return_to;
  return next && /^\/(?![/\\])/.test(next) ? next : START;
}

/** The address of another page before the sign-in, which goes on where this one would. */
export function keepNext(path: string, query: Readonly<Record<string, string>>): string {
  const next = nextOf(query);
  return next === START ? path : `${path}?next=${encodeURIComponent(next)}`;
}
