import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import type { AuditQuery } from "./filters";

type Schemas = components["schemas"];
export type Entry = Schemas["EntryView"];
export type Change = Schemas["ChangeView"];
export type ExportFormat = Schemas["ExportRequest"]["format"];

export const listEntries = (query: AuditQuery, sort: string, cursor: string | null) =>
  body(
    api.GET("/api/v1/audit", {
      params: { query: { ...query, sort, limit: 100, ...(cursor && { cursor }) } },
    }),
  );
export const getState = async () => (await body(api.GET("/api/v1/audit/state"))).data;
export const startVerification = async () => (await body(api.POST("/api/v1/audit/verify"))).data.job_id;
export const startExport = async (format: ExportFormat, query: AuditQuery) =>
  (await body(api.POST("/api/v1/audit/export", { body: { format, ...query } }))).data.job_id;
