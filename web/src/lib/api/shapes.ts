import type { components } from "./schema";

/**
 * The API's shapes under the names the pages use. Times are ISO 8601 with offset, quantities metric.
 * What the document leaves open (the result of a job, the samples) is spelt out here.
 */
type Schemas = components["schemas"];

export type Me = Schemas["MeView"];
export type SignedIn = Schemas["SignedInView"];
export type Registration = Schemas["RegisterRequest"];
export type Credentials = Schemas["LoginRequest"];

export type FileState = "imported" | "duplicate" | "partial" | "refused";
export type FileResult = {
  name: string;
  state: FileState;
  workout_ids: string[];
  file_id?: string;
  measurements?: number;
  code?: string | null;
  detail?: string | null;
};
export type Job = Omit<Schemas["JobView"], "result"> & {
  result: { files?: FileResult[]; deletion_job_id?: string } | null;
};

export type Workout = Schemas["WorkoutItem"];
export type WorkoutPage = Schemas["Many_WorkoutItem_"];
export type WorkoutDetail = Schemas["WorkoutDetail"];
export type Outlier = Schemas["OutlierView"];
export type WorkoutEdit = Schemas["WorkoutEdit"];
export type DetailSource = Schemas["DetailedSource"];
export type Part = WorkoutDetail["parts"][number];
export type Conflict = Schemas["FieldConflict"];
export type Lap = Schemas["LapView"];
export type Length = Schemas["LengthView"];

export const FIGURES = [
  "distance_m",
  "duration_s",
  "moving_time_s",
  "avg_speed_mps",
  "avg_hr_bpm",
  "max_hr_bpm",
  "avg_power_w",
  "max_power_w",
  "avg_cadence_rpm",
  "ascent_m",
  "energy_kcal",
] as const satisfies readonly (keyof Workout)[];
export type FigureName = (typeof FIGURES)[number];

export type Channel =
  | "latitude_deg"
  | "longitude_deg"
  | "altitude_m"
  | "distance_m"
  | "speed_mps"
  | "heart_rate_bpm"
  | "cadence_rpm"
  | "power_w"
  | "temperature_c"
  | "respiration_rpm";
/** One array per channel, all as long as `time_s`; null where the device wrote nothing. */
export type Streams = { time_s: number[] } & Partial<Record<Channel, (number | null)[]>>;

export type Match = Schemas["MatchView"];
export type MatchState = Match["state"];

export type OnboardingProgress = Schemas["OnboardingView"];
export type OnboardingChange = Schemas["OnboardingChange"];

export type WorkoutQuery = {
  athlete_id?: string;
  sport?: string;
  from?: string;
  to?: string;
  source?: string;
  device?: string;
  min_duration_s?: number;
  max_duration_s?: number;
  min_distance_m?: number;
  max_distance_m?: number;
  q?: string;
  sort?: string;
};

/** RFC 9457, as every error is answered. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail?: string | null;
  code: string;
  request_id?: string | null;
  errors?: { field: string; code: string; message: string }[];
};
