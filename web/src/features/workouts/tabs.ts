import * as t from "@/texts/en";

/** What was done is one place, as a list and by the days of a month. */
export const WORKOUT_TABS = [
  ["/workouts", t.calendar.list],
  ["/calendar", t.calendar.title],
] as const;
