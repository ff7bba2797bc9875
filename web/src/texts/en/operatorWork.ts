import { count } from "./count";

export const operatorWork = {
  title: "Work",
  lead: "Who works, what waits, what happens by the clock. Counts and kinds, never what a job holds.",
  queues: "Queues",
  queueNames: { critical: "Critical", default: "Default", bulk: "Bulk" } as Record<string, string>,
  queueParts: {
    waiting: "due",
    paused: "paused with their organization",
    later: "for later",
    running: "running",
    orphaned: "without a worker",
    dead: "dead",
  } as Record<string, string>,
  oldest: (since: string) => `Oldest due: ${since}`,
  nothingDue: "Nothing is due",
  workers: "Workers",
  noWorkers: "No worker has shown a sign of life",
  noWorkersText: "Uploads, mail and events wait. Start one: celery -A rowhouse.worker worker",
  noScheduler: "No scheduler has shown a sign of life: retries and everything by the clock wait.",
  worker: "Worker",
  processes: "Processes",
  serves: "Queues",
  since: "Since",
  underWay: "Running now",
  nothingUnderWay: "Nothing runs just now.",
  kind: "Kind",
  organization: "Organization",
  attempts: "Attempts",
  schedules: "By the clock",
  schedule: "Name",
  every: "Every",
  last: "Last run",
  next: "Next",
  outcome: "Outcome",
  outcomes: { done: "Done", failed: "Failed" } as Record<string, string>,
  running: "Running",
  never: "Not yet",
  forAll: (kind: string) => `${kind} for each organization`,
  period: (seconds: number) =>
    seconds % 86_400 === 0
      ? count(seconds / 86_400, "day")
      : seconds % 3_600 === 0
        ? count(seconds / 3_600, "hour")
        : seconds % 60 === 0
          ? count(seconds / 60, "minute")
          : count(seconds, "second"),
  deadTitle: "Dead letters",
  deadLead: "Jobs and deliveries of events that have failed for good, alike with alike.",
  deadKinds: "Dead letters by kind",
  subject: "Of",
  code: "Error",
  number: "How many",
  organizations: "Organizations",
  newest: "Newest",
  none: "No dead letters",
  noneText: "Everything that was tried has worked, or is still being tried.",
  replay: "Try again…",
  discard: "Discard…",
  replayOf: (kind: string) => `Try again… ${kind}`,
  discardOf: (kind: string) => `Discard… ${kind}`,
  replayTitle: (n: number) => `Try ${count(n, "job")} again?`,
  replayText:
    "Each goes on from where it was, with all its attempts before it. Five hundred are taken at a time.",
  replayAction: "Try again",
  discardTitle: (n: number) => `Discard ${count(n, "dead letter")}?`,
  discardText:
    "They leave this list. For the members who asked they have failed all the same, and can be tried again there.",
  discardAction: "Discard",
  reasonHint: "At least 10 characters. It stands in the platform’s audit log.",
  done: (n: number, verb: "replayed" | "discarded", more: boolean) =>
    `${count(n, "job")} ${verb === "replayed" ? "tried again" : "discarded"}.${more ? " There are more of them." : ""}`,
  skipped: (n: number) => `${count(n, "job")} of this kind can’t be tried again.`,
  mayNot: "Your kind of operator may look, but not try again or discard.",
};
