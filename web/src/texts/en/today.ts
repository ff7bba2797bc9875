import { count } from "./count";

export const today = {
  title: "Today",
  decide: {
    title: "Needs you",
    duplicates: (n: string) => `${n} possible ${n === "1" ? "duplicate" : "duplicates"}`,
    duplicatesText: "Recordings that look like one workout. You decide.",
    proposals: (n: number) => `${count(n, "threshold")} proposed`,
    proposalsText: "Your best efforts say more than what holds today.",
    open: "Decide",
    look: "Look",
  },
  /** What today asks for, in one voice, and whose word it is. */
  advice: {
    rest: "Rest before the next hard session.",
    easy: "An easy day is reasonable.",
    feel: "Go by how you feel.",
    planned: "Train as you planned.",
    hard: "A hard session is reasonable.",
  },
  adviceBy: {
    both: "Your form and your night say the same.",
    form: "Your form asks for more care than your night.",
    night: "Your night asks for more care than your form.",
    formAlone: "By your form alone; too little is known of your night.",
    nightAlone: "By your night alone; too little is known of your form.",
  },
  form: {
    title: "Form",
    more: "See load",
    missing: "Your form appears here once load can be judged by a threshold.",
  },
  recovery: {
    title: "Recovery",
    more: "Sleep and body",
    figures: {
      sleep_duration: "Sleep",
      hrv_rmssd: "HRV (RMSSD)",
      hrv_sdnn: "HRV (SDNN)",
      resting_hr: "Resting heart rate",
      recovery_score: "Recovery score",
    } as Record<string, string>,
    signs: { hrv: "heart-rate variability", resting_hr: "resting heart rate", sleep: "sleep" },
    /** "heart-rate variability is below and resting heart rate above your usual" */
    off: (signs: readonly (readonly [name: string, where: string])[]) => {
      const said = signs.map(([name, where], at) => (at === 0 ? `${name} is ${where}` : `${name} ${where}`));
      const [last, ...before] = said.reverse();
      return `${before.length > 0 ? `${before.reverse().join(", ")} and ` : ""}${last} your usual`;
    },
    verdicts: {
      strained: (signs: string) => `Your body is still at work: ${signs}.`,
      mixed: (signs: string) => `${signs.charAt(0).toUpperCase()}${signs.slice(1)}.`,
      short: () => "You slept less than usual.",
      long: () => "You slept longer than usual.",
      recovered: (signs: string) => `You have recovered well: ${signs}.`,
      usual: () => "Your night was as usual.",
      unknown: () =>
        "What is usual for you is known after 14 days; from then on this says how you have recovered.",
    },
    late: (day: string) => `Last night isn’t here yet. This is the night to ${day}.`,
    old: (day: string) => `Nothing has come since the night to ${day}.`,
    sources: "Look at your sources",
    says: (source: string, value: string) => `${source} says ${value}`,
    same: (source: string) => `${source} says the same`,
    scores: (source: string, value: string) => `${source} scores ${value}`,
    of100: "of 100",
    stages: "Stages of the night",
    how: (usual: string) => `Usual is told by each source alone: ${usual}.`,
    scored:
      "A recovery score is what its source makes of the night. The scores of two sources mean different things, so none counts in the sentence.",
    empty:
      "Sleep, heart-rate variability and resting heart rate appear here, each beside what is usual for you. Connect WHOOP, Oura, Garmin, Polar or Withings, or upload an export of Apple Health.",
    waiting: (sources: string) =>
      `Nothing of the last 30 days. What ${sources} knows of your nights appears here.`,
  },
  week: {
    title: "This week",
    workouts: "Workouts",
    time: "Time",
    distance: "Distance",
    load: "Load",
    last: (value: string) => `last week ${value}`,
    without: (n: number) =>
      `The load of ${count(n, "workout")} can’t be told, for want of a threshold or because too little was recorded.`,
  },
  last: { title: "Last workouts", all: "All workouts", load: (value: string) => `load ${value}` },
  emptyTitle: "Welcome",
  emptyText:
    "Your form, your recovery, your week and what needs you appear here. Connect what records your training, or upload recordings that you have.",
  connect: "Connect a source",
  upload: "Upload files",
};
