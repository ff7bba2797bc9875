import type { Workout, WorkoutPage } from "@/lib/api";

/** What a week came to. Its load is null where there were workouts, and the load of none can be told; `without` are those
 * whose load can't. */
export type Week = {
  workouts: number;
  time_s: number;
  distance_m: number;
  load: number | null;
  without: number;
};

/** Midnight of this week's monday, where the person is; and that of the week before. */
export function mondays(now = new Date()): { last: Date; current: Date } {
  const monday = (weeksAgo: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - ((now.getDay() + 6) % 7) - 7 * weeksAgo);
  return { last: monday(1), current: monday(0) };
}

/** Whether nothing since then is missing in a page of the newest. */
export const reaches = (
  { data, page }: Pick<WorkoutPage, "page"> & { data: readonly Counted[] },
  since: Date,
) => page.next === null || data.some(({ start_time: at }) => Date.parse(at) < +since);

export type Counted = Pick<Workout, "start_time" | "moving_time_s" | "duration_s" | "distance_m"> & {
  load?: { tss: number | null } | null;
};

/** The sums of this week and of the last. */
export function weeksOf(workouts: readonly Counted[], now = new Date()): { current: Week; last: Week } {
  const { last, current } = mondays(now);
  const within = (from: Date, to: Date) =>
    sum(workouts.filter(({ start_time: at }) => Date.parse(at) >= +from && Date.parse(at) < +to));
  return { current: within(current, now), last: within(last, current) };
}

export function sum(workouts: readonly Counted[]): Week {
  const without = workouts.filter(({ load }) => load?.tss == null).length;
  return {
    workouts: workouts.length,
    time_s: total(workouts, (one) => one.moving_time_s ?? one.duration_s),
    distance_m: total(workouts, (one) => one.distance_m),
    load: without > 0 && without === workouts.length ? null : total(workouts, (one) => one.load?.tss),
    without,
  };
}

const total = (workouts: readonly Counted[], of: (one: Counted) => number | null | undefined) =>
  workouts.reduce((all, one) => all + (of(one) ?? 0), 0);
