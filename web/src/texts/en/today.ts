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
  form: {
    title: "Form",
    more: "See load",
    line: (low: string, high: string) => `Form in the last six weeks, between ${low} and ${high}.`,
    missing: "Your form appears here once load can be judged by a threshold.",
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
    "Your form, your week and what needs you appear here. Connect what records your training, or upload recordings that you have.",
  connect: "Connect a source",
  upload: "Upload files",
};
