import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Endpoint = Schemas["EndpointView"];
export type NewEndpoint = Schemas["NewEndpointView"];
export type EventType = Schemas["EventTypeView"];
export type Delivery = Schemas["DeliveryView"];
export type DeliveryState = Delivery["state"];

const at = (endpoint_id: string) => ({ params: { path: { endpoint_id } } });

export const listEventTypes = async () => (await body(api.GET("/api/v1/webhook-event-types"))).data;
export const listEndpoints = async () => (await body(api.GET("/api/v1/webhook-endpoints"))).data;
export const makeEndpoint = async (wanted: Schemas["EndpointRequest"]) =>
  (await body(api.POST("/api/v1/webhook-endpoints", { body: wanted }))).data;
export const editEndpoint = async (id: string, change: Schemas["EndpointChange"]) =>
  (await body(api.PATCH("/api/v1/webhook-endpoints/{endpoint_id}", { ...at(id), body: change }))).data;
export const deleteEndpoint = (id: string) =>
  body(api.DELETE("/api/v1/webhook-endpoints/{endpoint_id}", at(id)));
export const rotateSecret = async (id: string, overlap_hours: number) =>
  (
    await body(
      api.POST("/api/v1/webhook-endpoints/{endpoint_id}/rotate", { ...at(id), body: { overlap_hours } }),
    )
  ).data;
export const disableEndpoint = (id: string) =>
  body(api.POST("/api/v1/webhook-endpoints/{endpoint_id}/disable", at(id)));
export const enableEndpoint = (id: string) =>
  body(api.POST("/api/v1/webhook-endpoints/{endpoint_id}/enable", at(id)));
export const sendTest = async (id: string) =>
  (await body(api.POST("/api/v1/webhook-endpoints/{endpoint_id}/test", at(id)))).data;

export const listDeliveries = (id: string, state: DeliveryState | "", sort: string, cursor: string | null) =>
  body(
    api.GET("/api/v1/webhook-endpoints/{endpoint_id}/deliveries", {
      params: {
        path: { endpoint_id: id },
        query: { limit: 50, sort, ...(state && { state }), ...(cursor && { cursor }) },
      },
    }),
  );
const one = (endpoint_id: string, delivery_id: string) => ({
  params: { path: { endpoint_id, delivery_id } },
});
export const getDelivery = async (endpoint: string, delivery: string) =>
  (
    await body(
      api.GET("/api/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}", one(endpoint, delivery)),
    )
  ).data;
export const retryDelivery = async (endpoint: string, delivery: string) =>
  (
    await body(
      api.POST(
        "/api/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/retry",
        one(endpoint, delivery),
      ),
    )
  ).data;
