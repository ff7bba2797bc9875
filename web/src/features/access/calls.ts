import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Permission = Schemas["PermissionInfo"];
export type Role = Schemas["RoleView"];
export type Grant = Schemas["GrantView"];
export type ApiKey = Schemas["ApiKeyView"];
export type NewApiKey = Schemas["NewApiKeyView"];

const most = (cursor: string | null) => ({
  params: { query: { limit: 100, ...(cursor && { cursor }) } },
});

export const listPermissions = async () => (await body(api.GET("/api/v1/permissions"))).data;
export const listRoles = async () => (await body(api.GET("/api/v1/roles"))).data;
export const makeRole = async (role: Schemas["RoleRequest"]) =>
  (await body(api.POST("/api/v1/roles", { body: role }))).data;
export const editRole = async (role_id: string, edit: Schemas["RoleEdit"]) =>
  (await body(api.PATCH("/api/v1/roles/{role_id}", { params: { path: { role_id } }, body: edit }))).data;
export const deleteRole = (role_id: string) =>
  body(api.DELETE("/api/v1/roles/{role_id}", { params: { path: { role_id } } }));

export const listGrants = (cursor: string | null) => body(api.GET("/api/v1/grants", most(cursor)));
export const makeGrant = async (grant: Schemas["GrantRequest"]) =>
  (await body(api.POST("/api/v1/grants", { body: grant }))).data;
export const endGrant = (grant_id: string) =>
  body(api.DELETE("/api/v1/grants/{grant_id}", { params: { path: { grant_id } } }));

export const listKeys = (cursor: string | null) => body(api.GET("/api/v1/api-keys", most(cursor)));
export const makeKey = async (key: Schemas["ApiKeyRequest"]) =>
  (await body(api.POST("/api/v1/api-keys", { body: key }))).data;
export const rotateKey = async (key_id: string, overlap_hours: number) =>
  (
    await body(
      api.POST("/api/v1/api-keys/{key_id}/rotate", {
        params: { path: { key_id } },
        body: { overlap_hours },
      }),
    )
  ).data;
export const revokeKey = (key_id: string) =>
  body(api.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id } } }));
