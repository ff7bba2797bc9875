import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type OwnOrganization = Schemas["OwnOrganizationView"];
export type Organization = Schemas["OrganizationDetailView"];
export type SettingsEdit = Schemas["SettingsEdit"];
export type Member = Schemas["MemberView"];
export type Invitation = Schemas["InvitationView"];

const of = (organization_id: string) => ({ path: { organization_id } });
const member = (organization_id: string, account_id: string) => ({
  params: { path: { organization_id, account_id } },
});
const invitation = (organization_id: string, invitation_id: string) => ({
  params: { path: { organization_id, invitation_id } },
});
const page = (cursor: string | null) => ({ limit: 100, ...(cursor && { cursor }) });

export const listOrganizations = async () => (await body(api.GET("/api/v1/organizations"))).data;
export const createOrganization = async (name: string) =>
  (await body(api.POST("/api/v1/organizations", { body: { name } }))).data;
export const getOrganization = async (id: string) =>
  (await body(api.GET("/api/v1/organizations/{organization_id}", { params: of(id) }))).data;

/** Without a version it is saved over whatever stands there. */
export const editOrganization = async (
  id: string,
  version: number | null,
  edit: { name?: string; settings?: SettingsEdit },
) => {
  const header = version === null ? {} : { "if-match": `"${version}"` };
  const params = { ...of(id), header };
  return (await body(api.PATCH("/api/v1/organizations/{organization_id}", { params, body: edit }))).data;
};

export const deleteOrganization = async (id: string, confirm: string) =>
  (await body(api.DELETE("/api/v1/organizations/{organization_id}", { params: of(id), body: { confirm } })))
    .data;
export const restoreOrganization = async (id: string) =>
  (await body(api.POST("/api/v1/organizations/{organization_id}/restore", { params: of(id) }))).data;
export const restoreByLink = async (token: string) =>
  (await body(api.POST("/api/v1/organizations/restore", { body: { token } }))).data;

export const listMembers = (id: string, cursor: string | null, sort: string) =>
  body(
    api.GET("/api/v1/organizations/{organization_id}/members", {
      params: { ...of(id), query: { ...page(cursor), sort } },
    }),
  );
export const editMember = async (id: string, account: string, edit: Schemas["MemberEdit"]) =>
  (
    await body(
      api.PATCH("/api/v1/organizations/{organization_id}/members/{account_id}", {
        ...member(id, account),
        body: edit,
      }),
    )
  ).data;
export const removeMember = (id: string, account: string) =>
  body(api.DELETE("/api/v1/organizations/{organization_id}/members/{account_id}", member(id, account)));
export const makeOwner = async (id: string, account: string, keep_as: string | null) =>
  (
    await body(
      api.POST("/api/v1/organizations/{organization_id}/members/{account_id}/make-owner", {
        ...member(id, account),
        body: { keep_as },
      }),
    )
  ).data;

export const listInvitations = (id: string, cursor: string | null, sort: string) =>
  body(
    api.GET("/api/v1/organizations/{organization_id}/invitations", {
      params: { ...of(id), query: { ...page(cursor), sort } },
    }),
  );
export const invite = async (id: string, email: string, role: string) =>
  (
    await body(
      api.POST("/api/v1/organizations/{organization_id}/invitations", {
        params: of(id),
        body: { email, role },
      }),
    )
  ).data;
export const revokeInvitation = (id: string, invited: string) =>
  body(
    api.DELETE(
      "/api/v1/organizations/{organization_id}/invitations/{invitation_id}",
      invitation(id, invited),
    ),
  );
export const resendInvitation = async (id: string, invited: string) =>
  (
    await body(
      api.POST(
        "/api/v1/organizations/{organization_id}/invitations/{invitation_id}/resend",
        invitation(id, invited),
      ),
    )
  ).data;
export const previewInvitation = async (token: string) =>
  (await body(api.POST("/api/v1/invitations/preview", { body: { token } }))).data;
export const acceptInvitation = async (token: string) =>
  (await body(api.POST("/api/v1/invitations/accept", { body: { token } }))).data;
