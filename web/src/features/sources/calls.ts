import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Source = Schemas["SourceView"];
export type SourceDetail = Schemas["SourceDetail"];
export type Offer = Schemas["OfferView"];
export type Terms = Schemas["ProviderTermsView"];

const of = (source_id: string) => ({ params: { path: { source_id } } });

export const listSources = async () => (await body(api.GET("/api/v1/sources"))).data;
export const getSource = async (id: string) =>
  (await body(api.GET("/api/v1/sources/{source_id}", of(id)))).data;
export const listOffers = async () => (await body(api.GET("/api/v1/sources/providers"))).data;

/** Where the browser goes to allow it; it comes back to this page. */
export const connectSource = async (provider: string) =>
  (
    await body(
      api.POST("/api/v1/sources/{provider}/connect", {
        params: { path: { provider } },
        body: { return_to: "/sources" },
      }),
    )
  ).data.authorize_url;

export const syncSource = async (id: string) =>
  (await body(api.POST("/api/v1/sources/{source_id}/sync", of(id)))).data.job_id;
export const disconnectSource = async (id: string) =>
  (await body(api.DELETE("/api/v1/sources/{source_id}", of(id)))).data.job_id;

export const connectByKey = async (provider: string, given: Schemas["SourceKey"]) =>
  body(api.POST("/api/v1/sources/{provider}/key", { params: { path: { provider } }, body: given }));
