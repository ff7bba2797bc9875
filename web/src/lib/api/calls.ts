import { api, body } from "./client";
import { isProblem, retryAfter } from "./problem";
import { goOnAsking, sessionEnded } from "./session";
import type {
  Job,
  MatchState,
  OnboardingChange,
  Streams,
  WorkoutEdit,
  WorkoutPage,
  WorkoutQuery,
} from "./shapes";
import { sendLast } from "./transport";

/** The calls that several areas make, by what they do; an area's own stand in its `calls.ts`. */
export const getMe = async () => (await body(api.GET("/api/v1/auth/me"))).data;

/** Throws, and leaves everything as it was, when the server can't be told. */
export async function signOut() {
  try {
    await body(api.POST("/api/v1/auth/logout", { fetch: sendLast }));
  } catch (error) {
    goOnAsking();
    if (!(isProblem(error) && error.status === 401)) throw error;
  }
  sessionEnded();
}

/** Days are meant where the person is: the first begins and the last ends at this device's midnight. */
function moments({ from, to, ...rest }: WorkoutQuery): WorkoutQuery {
  return {
    ...rest,
    ...(from && { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to && { to: new Date(`${to}T23:59:59.999`).toISOString() }),
  };
}

export const listWorkouts = async (query: WorkoutQuery, cursor: string | null, limit = 100) => {
  const params = { query: { ...moments(query), limit, ...(cursor && { cursor }) } };
  return body<WorkoutPage>(api.GET("/api/v1/workouts", { params }));
};

const of = (workout_id: string) => ({ params: { path: { workout_id } } });

export const getWorkout = async (id: string) =>
  (await body(api.GET("/api/v1/workouts/{workout_id}", of(id)))).data;

export const getStreams = async (workout_id: string, points: number) => {
  const params = { path: { workout_id }, query: { points } };
  return ((await body(api.GET("/api/v1/workouts/{workout_id}/streams", { params }))) as { data: Streams })
    .data;
};

export const getOutliers = async (workout_id: string) => {
  const params = { path: { workout_id } };
  return (await body(api.GET("/api/v1/workouts/{workout_id}/outliers", { params }))).data;
};

export const editWorkout = async (workout_id: string, version: number, edit: WorkoutEdit) => {
  const params = { path: { workout_id }, header: { "if-match": `"${version}"` } };
  return (await body(api.PUT("/api/v1/workouts/{workout_id}", { params, body: edit }))).data;
};

export const deleteWorkout = (id: string) => body(api.DELETE("/api/v1/workouts/{workout_id}", of(id)));
export const splitWorkout = async (id: string) =>
  (await body(api.POST("/api/v1/workouts/{workout_id}/split", of(id)))).data;
export const mergeWorkouts = async (workout_ids: string[]) =>
  (await body(api.POST("/api/v1/workouts/merge", { body: { workout_ids } }))).data;

export const listMatches = (state: MatchState, cursor: string | null) =>
  body(api.GET("/api/v1/matches", { params: { query: { state, limit: 20, ...(cursor && { cursor }) } } }));

export const listOpenMatches = () =>
  body(api.GET("/api/v1/matches", { params: { query: { state: "open", limit: 20, fields: "id" } } }));

export const decideMatch = async (match_id: string, same: boolean) =>
  (
    await body(
      api.POST("/api/v1/matches/{match_id}/decision", { params: { path: { match_id } }, body: { same } }),
    )
  ).data;

export async function listUploads(cursor: string | null) {
  const query = { limit: 20, ...(cursor && { cursor }) };
  const { data, page } = await body(api.GET("/api/v1/uploads", { params: { query } }));
  return { data: data as Job[], page };
}

/** A job, and after how many seconds the API would like to be asked again. */
export async function getJob(job_id: string) {
  const answer = await api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id } } });
  const job = (await body(Promise.resolve(answer))).data as Job;
  return { job, retryAfter_s: retryAfter(answer.response.headers.get("Retry-After")) };
}

export const cancelJob = (job_id: string) =>
  body(api.POST("/api/v1/jobs/{job_id}/cancel", { params: { path: { job_id } } }));

export const getOnboarding = async () => (await body(api.GET("/api/v1/onboarding/progress"))).data;

/** Outlives the page: what was typed last is saved although the tab is being closed. */
export const saveOnboarding = async (change: OnboardingChange) =>
  (await body(api.PUT("/api/v1/onboarding/progress", { body: change, keepalive: true }))).data;

export const completeOnboarding = async () => (await body(api.POST("/api/v1/onboarding/complete"))).data;

export const getTerms = async () => (await body(api.GET("/api/v1/onboarding/terms"))).data;

type KnownError = { code: string; status: number; title: string };

export const listErrors = async () => (await body(api.GET("/api/v1/errors"))).data as KnownError[];
