export const exports = {
  title: "Exports",
  lead: "Your workouts, and what devices say of your body, as files that other programs read. They are made in the background; you can leave this page.",
  back: "Workouts",
  ask: "Make an export",
  format: "Format",
  formats: {
    fit: "A FIT file for each workout, with laps, lengths and samples, in a ZIP. What most programs read best.",
    tcx: "A TCX file for each workout, with laps and samples, in a ZIP.",
    gpx: "A GPX file for each workout that has a track, in a ZIP.",
    csv: "A table with a row for each workout, for spreadsheets. What you take with them, biometrics too, are tables of their own, in a ZIP.",
    parquet:
      "A table with a row for each workout, for data tools. What you take with them, biometrics too, are tables of their own, in a ZIP.",
    json: "All workouts in one JSON file. Biometrics come as a second one, in a ZIP.",
  },
  include: "With them",
  included: { laps: "Laps", lengths: "Pool lengths", streams: "Samples", biometrics: "Biometrics" },
  from: "First day",
  to: "Last day",
  all: "Leave both empty for all of them.",
  start: "Make the export",
  made: "Made for you",
  kept: "Kept for seven days. Only you can download them.",
  none: "No export yet.",
  named: (format: string) => `Workouts as ${format}`,
  unnamed: "Workouts",
  working: (done: number, total: number | null) =>
    total === null
      ? "Being made"
      : `Being made: ${done.toLocaleString("en")} of ${total.toLocaleString("en")}`,
  failed: "This export failed. Make it again.",
  at: (when: string) => `Made ${when}`,
  until: (day: string) => `until ${day}`,
  download: "Download",
  remove: "Remove",
  removed: "The export is removed.",
} as const;
