import type { Changes } from "@/lib/changes";

/** What the end of a job of the sources changes. */
export const CHANGES: Changes = {
  "fitness.sync": ["workouts", "matches", "sources"],
  "fitness.forget_source": ["workouts", "matches", "sources"],
};
