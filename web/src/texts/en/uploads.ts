import { count } from "./count";
export const uploads = {
  title: "Uploads",
  lead: "FIT, TCX and GPX files, Apple Health exports, and the archives of Strava and Garmin, up to 4 GB each.",
  choose: "Choose files",
  dropTitle: "Drop files here, or choose them",
  dropAnywhere: "Drop to upload",
  dropAnywhereText: "FIT, TCX, GPX, Apple Health export, Strava or Garmin archive",
  accept: ".fit,.tcx,.gpx,.gz,.zip,.xml",
  now: "Now",
  earlier: "Earlier",
  none: "Nothing uploaded yet.",
  noneEarlier: "Nothing before this visit.",
  sending: (sent: string, all: string) => `Sending ${sent} of ${all}`,
  waitingToSend: "Waiting to be sent",
  sent: "Sent",
  queued: "Waiting for its turn",
  reading: "Reading",
  readingOf: (done: number, total: number | null) =>
    total ? `Read ${done.toLocaleString("en")} of ${count(total, "file")}` : `Read ${count(done, "file")}`,
  stop: "Stop",
  stopped: "Stopped",
  retryFile: "Try again",
  retryFailed: (n: number) => `Try ${count(n, "file")} again`,
  batch: (n: number) => count(n, "file"),
  summary: { imported: "imported", duplicate: "already there", partial: "in part", refused: "refused" },
  states: {
    imported: "Imported",
    duplicate: "Already there",
    partial: "Imported in part",
    refused: "Refused",
  },
  view: "View workout",
  viewN: (n: number) => `View workout ${n}`,
  existing: "View the one that is there",
  partialText: "What could be read is kept. The rest of the file is damaged.",
  refusedText: "This file can’t be read as a recording. Copy it from the device or the provider once more.",
  measured: (n: number) => `Imported, with ${count(n, "measurement")} of your body.`,
  duplicateText: "Nothing was added: all of it is here already.",
  jobFailed: "Reading stopped before the end. Files that are listed are safe.",
  done: (n: number) => `${count(n, "file")} done`,
  announceDone: (imported: number, refused: number) =>
    `Upload finished: ${imported} imported${refused > 0 ? `, ${refused} refused` : ""}.`,
  delete: "Delete",
  deleteOf: (name: string) => `Delete ${name}`,
  deleteTitle: "Delete this upload?",
  deleteFileTitle: (name: string) => `Delete ${name}?`,
  deleteText:
    "What only it has told goes for good. The same files, uploaded again later, are taken as if they were new.",
  deleteFileText:
    "What only it has told goes for good, from every upload that brought it. Uploaded again later, it is taken as if it were new.",
  goFiles: (n: number) => `${count(n, "original file")} ${n === 1 ? "goes" : "go"}.`,
  goWorkouts: (n: number) =>
    `${count(n, "workout")} ${n === 1 ? "goes" : "go"}: nothing else recorded ${n === 1 ? "it" : "them"}.`,
  goMeasurements: (n: number) => `${count(n, "measurement")} of your body ${n === 1 ? "goes" : "go"}.`,
  stayWorkouts: (n: number) =>
    `${count(n, "workout")} ${n === 1 ? "stays" : "stay"}, made of what else recorded ${n === 1 ? "it" : "them"}.`,
  stayFiles: (n: number) =>
    `${count(n, "file")} ${n === 1 ? "stays" : "stay"}: another upload or a source brought ${n === 1 ? "it" : "them"} too.`,
  goNothing: "Nothing of it was kept: only its line in this list goes.",
  deleting: (done: number, total: number | null) =>
    total ? `Deleted ${done.toLocaleString("en")} of ${count(total, "file")}` : "Deleting",
  deletionFailed: (why: string | undefined) =>
    `Deleting stopped before the end${why ? `: ${why}` : "."} What is still listed is still here; delete it once more.`,
  deleted: "The upload is deleted.",
  deletedFile: (name: string) => `${name} is deleted.`,
  files: "Files",
  show: "Show files",
  leave: "Files are still being sent.",
  where: {
    title: "Where to find your files",
    items: [
      [
        "Garmin",
        "Copy the .fit files from the folder GARMIN/Activity of the device, or request your archive under Account Settings, Export Your Data.",
      ],
      [
        "Strava",
        "Settings, My Account, Download or Delete Your Account, Request Your Archive. Drop the ZIP as it is.",
      ],
      [
        "Apple Watch",
        "Health app, your picture, Export All Health Data. Drop export.zip as it is: workouts come in, and nights, heart-rate variability, weight, steps and more.",
      ],
      [
        "Wahoo, Coros, Suunto, Polar",
        "Open the workout in the maker’s app and share or export it as FIT or TCX.",
      ],
    ] as const,
  },
};
