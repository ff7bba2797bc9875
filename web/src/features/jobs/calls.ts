import type { Job } from "@/lib/api";
import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

export type JobState = components["schemas"]["JobView"]["state"];
export type OrganizationJob = components["schemas"]["OrganizationJobView"];
export type JobPage = { data: Job[]; page: { next: string | null } };

const LIMIT = 50;

export const listJobs = async (state: JobState | "", cursor: string | null) =>
  (await body(
    api.GET("/api/v1/jobs", {
      params: { query: { limit: LIMIT, ...(state && { state }), ...(cursor && { cursor }) } },
    }),
  )) as JobPage;
export const listOrganizationJobs = (organization_id: string, state: JobState | "", cursor: string | null) =>
  body(
    api.GET("/api/v1/organizations/{organization_id}/jobs", {
      params: {
        path: { organization_id },
        query: { limit: LIMIT, ...(state && { state }), ...(cursor && { cursor }) },
      },
    }),
  );
export const retryJob = async (job_id: string) =>
  (await body(api.POST("/api/v1/jobs/{job_id}/retry", { params: { path: { job_id } } }))).data as Job;
