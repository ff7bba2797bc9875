import type { Changes } from "@/lib/changes";

const TRAINING = ["workouts", "workout", "matches", "sources", "biometrics", "thresholds"];

/** What the end of a job that reads, forgets or merges changes. */
export const CHANGES: Changes = {
  "fitness.sync": TRAINING,
  "fitness.forget_source": TRAINING,
  "fitness.import": [...TRAINING, "uploads"],
  "fitness.rebuild": TRAINING,
  "fitness.delete_files": [...TRAINING, "uploads"],
};
