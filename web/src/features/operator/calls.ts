import { body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import { operatorApi as api, keepCsrf } from "./client";

type Schemas = components["schemas"];
export type Operator = Schemas["OperatorView"];
export type PlatformOrganization = Schemas["PlatformOrganizationView"];
export type PlatformOrganizationDetail = Schemas["PlatformOrganizationDetailView"];
export type PlatformAccount = Schemas["PlatformAccountView"];
export type Figure = Schemas["FigureView"];
export type State = PlatformOrganization["state"];
export type Transition = "provision" | "suspend" | "resume" | "restore";

const of = (organization_id: string) => ({ path: { organization_id } });

export const readSetUp = async (token: string) =>
  (await body(api.POST("/api/v1/admin/auth/set-up", { body: { token } }))).data;
export const setUp = (given: { token: string; password: string; code: string }) =>
  body(api.POST("/api/v1/admin/auth/set-up/confirm", { body: { ...given, cookies: true } }));
export const signInOperator = (given: { email: string; password: string; code: string }) =>
  body(api.POST("/api/v1/admin/auth/login", { body: { ...given, cookies: true } }));
export const signOutOperator = () => body(api.POST("/api/v1/admin/auth/logout"));

export async function getOperator() {
  const { data } = await body(api.GET("/api/v1/admin/auth/me"));
  keepCsrf(data.csrf_token);
  return data;
}

export const listPlatform = (q: string, state: State | "", cursor: string | null) =>
  body(
    api.GET("/api/v1/admin/organizations", {
      params: { query: { limit: 50, ...(q && { q }), ...(state && { state }), ...(cursor && { cursor }) } },
    }),
  );
export const getPlatform = async (id: string) =>
  (await body(api.GET("/api/v1/admin/organizations/{organization_id}", { params: of(id) }))).data;
export const listAccounts = (id: string, cursor: string | null) =>
  body(
    api.GET("/api/v1/admin/organizations/{organization_id}/accounts", {
      params: { ...of(id), query: { ...(cursor && { cursor }) } },
    }),
  );
export const change = async (organization_id: string, transition: Transition, reason: string) =>
  (
    await body(
      api.POST("/api/v1/admin/organizations/{organization_id}/{transition}", {
        params: { path: { organization_id, transition } },
        body: { reason },
      }),
    )
  ).data;
export const impersonate = async (id: string, account_id: string, reason: string) =>
  (
    await body(
      api.POST("/api/v1/admin/organizations/{organization_id}/impersonations", {
        params: of(id),
        body: { account_id, reason, cookies: true },
      }),
    )
  ).data;
export type Part = Schemas["PartView"];
export const listParts = async () => (await body(api.GET("/api/v1/admin/health"))).data;
export const listFigures = async () => (await body(api.GET("/api/v1/admin/metrics"))).data;

export type DeadLetterKind = Schemas["DeadLetterKindView"];
export type Settled = Schemas["DeadLettersView"];
export type Verb = "replayed" | "discarded";

export const listDeadKinds = async () => (await body(api.GET("/api/v1/admin/dead-letters/kinds"))).data;
export const settleDead = async (which: DeadLetterKind, verb: Verb, reason: string): Promise<Settled> => {
  const given = {
    body: { kind: which.kind, subject: which.subject, code: which.error_code, reason },
  };
  const path = `/api/v1/admin/dead-letters/${verb === "replayed" ? "replays" : "discards"}` as const;
  return (await body(api.POST(path, given))).data;
};
export const getWork = async () => (await body(api.GET("/api/v1/admin/workers"))).data;
export const listSchedules = async () => (await body(api.GET("/api/v1/admin/schedules"))).data;
