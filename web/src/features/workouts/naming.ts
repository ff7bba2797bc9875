import type { Workout } from "@/lib/api";
import { kindName } from "@/lib/format";

/** Flags that take nothing away from a recording. */
export const QUIET_FLAGS = new Set(["sources_disagree", "withheld"]);

/** A workout's title, or its sport when it has none. */
export const titleOf = (workout: Pick<Workout, "title" | "sport" | "sub_sport">) =>
  workout.title || kindName(workout.sport, workout.sub_sport);
