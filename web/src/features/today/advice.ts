import type { BandName } from "@/features/load/form";
import type { Verdict } from "./recovery";

/** From the most careful to the boldest. */
const BY_CARE = ["rest", "easy", "feel", "planned", "hard"] as const;
export type Advice = (typeof BY_CARE)[number];

const OF_FORM: Readonly<Record<BandName, Advice>> = {
  strain: "rest",
  productive: "planned",
  neutral: "planned",
  fresh: "hard",
};
const OF_NIGHT: Readonly<Record<Verdict, Advice | null>> = {
  strained: "easy",
  mixed: "feel",
  short: "feel",
  long: "planned",
  usual: "planned",
  recovered: "hard",
  unknown: null,
};

export type Spoken = { advice: Advice; by: "both" | "form" | "night" | "formAlone" | "nightAlone" };

/** The page's only advice: the more careful of what the form and the last night say, and of one that is not known (null)
 * the other's. Null where neither is. */
export function adviceOf(form: BandName | null, night: Verdict | null): Spoken | null {
  const byForm = form && OF_FORM[form];
  const byNight = night && OF_NIGHT[night];
  if (!byForm) return byNight ? { advice: byNight, by: "nightAlone" } : null;
  if (!byNight) return { advice: byForm, by: "formAlone" };
  const care = BY_CARE.indexOf(byForm) - BY_CARE.indexOf(byNight);
  if (care === 0) return { advice: byForm, by: "both" };
  return care < 0 ? { advice: byForm, by: "form" } : { advice: byNight, by: "night" };
}
