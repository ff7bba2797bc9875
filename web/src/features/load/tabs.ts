import * as t from "@/texts/en";

/** Load and what it is judged by are one place, with two pages. */
export const LOAD_TABS = [
  ["/load", t.load.title],
  ["/thresholds", t.thresholds.title],
] as const;
