const UNITS: [seconds: number, one: string, many: string][] = [
  [86_400, "day", "days"],
  [3_600, "hour", "hours"],
  [60, "minute", "minutes"],
];

function span(seconds: number): string {
  const unit = UNITS.find(([length]) => seconds >= length);
  if (!unit) return `${seconds} s`;
  const n = Math.ceil(seconds / unit[0]);
  return `${n} ${n === 1 ? unit[1] : unit[2]}`;
}

export const limits = {
  tab: "Limits",
  title: "Limits",
  lead: "What you and your organization may do in a while. Looking here counts in none of them.",
  table: "Your limits",
  limit: "Limit",
  left: "Left",
  resets: "Full again",
  names: {
    user: "Your requests",
    organization: "Your organization’s requests",
    "kernel.audit_exports": "Exports of the audit log",
    "fitness.uploads": "Uploads",
    "fitness.thresholds": "Thresholds",
    "fitness.syncs": "Syncs by hand",
    "fitness.keys": "Keys of your own",
    "fitness.precedence": "Order of sources",
    "fitness.exports": "Exports of workouts",
  } as Record<string, string>,
  of: (left: string, limit: string, window_s: number) =>
    `${left} of ${limit} ${window_s === 3600 ? "an hour" : `a ${span(window_s).replace(/^1 /, "")}`}`,
  unused: "now",
  in: (seconds: number) => `in ${span(seconds)}`,
  share: (name: string) => `${name}: how much is left`,
  note: "Past a limit the API answers 429 and says how long to wait. An operator of this installation can raise an organization’s limits.",
};
