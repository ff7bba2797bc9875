import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Notice = Schemas["NoticeView"];
export type Preference = Schemas["PreferenceView"];

const LIMIT = 30;

export const listNotices = (unread: boolean, cursor: string | null) =>
  body(
    api.GET("/api/v1/notices", { params: { query: { limit: LIMIT, unread, ...(cursor && { cursor }) } } }),
  );
export const countUnread = async () => (await body(api.GET("/api/v1/notices/unread"))).data.unread;
export const markRead = (notice_id: string) =>
  body(api.POST("/api/v1/notices/{notice_id}/read", { params: { path: { notice_id } } }));
/** What came after `up_to` has not been seen. */
export const markAllRead = (up_to: string) => body(api.POST("/api/v1/notices/read", { body: { up_to } }));

export const listPreferences = async () => (await body(api.GET("/api/v1/notices/preferences"))).data;
export const setPreference = async ({ kind, in_app, mail }: Preference) =>
  (
    await body(
      api.PUT("/api/v1/notices/preferences/{kind}", { params: { path: { kind } }, body: { in_app, mail } }),
    )
  ).data;
