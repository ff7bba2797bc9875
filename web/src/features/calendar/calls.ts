import { api, body } from "@/lib/api/client";
import { type Entry, localDay, plusDays } from "./month";

const FIELDS =
  "id,start_time,local_start_time,sport,sub_sport,title,duration_s,moving_time_s,distance_m,load";
/** As many as the API tells at once; nobody does more in six weeks. */
export const MOST = 1_000;

export type Days = { workouts: readonly Entry[]; cut: boolean };

/** The workouts of the days from the first to the last. The API counts days in UTC: one more on either side has all. */
export async function getDays(first: string, last: string, athlete: string): Promise<Days> {
  const days = { from: plusDays(first, -1), to: plusDays(last, 1) };
  const query = { ...days, fields: FIELDS, limit: MOST, ...(athlete && { athlete_id: athlete }) };
  const answer = await body(api.GET("/api/v1/workouts", { params: { query } }));
  const within = (one: Entry) => localDay(one) >= first && localDay(one) <= last;
  return { workouts: answer.data.filter(within), cut: answer.page.next !== null };
}
