import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Reading = Schemas["BiometricView"];
export type Night = Schemas["NightView"];
export type Kind = Reading["type"];

/** As many values as the API gives at once. */
const MOST = 100;

const whose = (athlete: string) => (athlete ? { athlete_id: athlete } : {});

/** The newest of each kind that is asked for, of all by default. */
export const getLatest = async (athlete: string, kinds: readonly Kind[] = []) =>
  body(
    api.GET("/api/v1/biometrics/latest", {
      params: { query: { sources: true, ...whose(athlete), ...(kinds.length > 0 && { type: [...kinds] }) } },
    }),
  );

type Page = Schemas["BiometricsAnswer"];

/** The days (or weeks) of one kind from a day on, the oldest first. */
export async function getReadings(type: Kind, from: string, resolution: "day" | "week", athlete: string) {
  const found: Reading[] = [];
  let cursor: string | null = null;
  for (;;) {
    const query = {
      ...whose(athlete),
      type,
      from,
      resolution,
      sources: true,
      limit: MOST,
      ...(cursor && { cursor }),
    };
    const page: Page = await body<Page>(api.GET("/api/v1/biometrics", { params: { query } }));
    found.push(...page.data);
    cursor = page.page.next;
    if (!cursor) return { readings: found.reverse(), meta: page.meta };
  }
}
