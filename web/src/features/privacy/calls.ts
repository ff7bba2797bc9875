import type { Proof } from "@/features/security/calls";
import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Export = Schemas["ExportView"];
export type Consent = Schemas["ConsentView"];
export type Rule = Schemas["RuleView"];
export type Started = Schemas["DeletionStartedView"];

export const listExports = async () => (await body(api.GET("/api/v1/privacy/exports"))).data;
export const startExport = async () => (await body(api.POST("/api/v1/privacy/export"))).data.job_id;
export const startOrganizationExport = async (organization_id: string) =>
  (
    await body(
      api.POST("/api/v1/organizations/{organization_id}/export", { params: { path: { organization_id } } }),
    )
  ).data.job_id;

export const listConsents = async () => (await body(api.GET("/api/v1/privacy/consents"))).data;
export const sayConsent = async ({ purpose, version }: Consent, given: boolean) =>
  (
    await body(
      api.PUT("/api/v1/privacy/consents/{purpose}", {
        params: { path: { purpose } },
        body: { given, version },
      }),
    )
  ).data;

export const listRules = async () => (await body(api.GET("/api/v1/privacy/retention"))).data;

export const getDeletion = async () => (await body(api.GET("/api/v1/account/deletion"))).data;
export const deleteAccount = async (proof: Proof, now: boolean) =>
  (await body(api.DELETE("/api/v1/account", { body: { ...proof, now } as Schemas["DeleteAccount"] }))).data;
export const keepAccount = () => body(api.DELETE("/api/v1/account/deletion"));
export const keepByLink = (token: string) => body(api.POST("/api/v1/account/keep", { body: { token } }));
