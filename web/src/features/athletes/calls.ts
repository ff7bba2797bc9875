import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Athlete = Schemas["AthleteView"];

const PAGES = 10;

/** Whoever lets one read their workouts, a thousand at most; each of them sees that one has looked. */
export async function listAthletes(from: string): Promise<readonly Athlete[]> {
  const found: Athlete[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page++) {
    const query: { from: string; limit: number; cursor?: string } = {
      from,
      limit: 100,
      ...(cursor && { cursor }),
    };
    const answer: Schemas["Many_AthleteView_"] = await body(
      api.GET("/api/v1/athletes", { params: { query } }),
    );
    found.push(...answer.data);
    cursor = answer.page.next;
    if (!cursor) break;
  }
  return found;
}
