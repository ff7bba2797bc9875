import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type Threshold = Schemas["ThresholdView"];
export type Kind = Threshold["kind"];
export type Profile = Schemas["ProfileView"];
export type Proposal = Schemas["ProposalView"];
export type Value = Threshold["value"];

const pageOf = (cursor: string | null) =>
  body(api.GET("/api/v1/thresholds", { params: { query: { limit: 100, ...(cursor && { cursor }) } } }));

/** All of them, the latest first: a person has few, and no more than the API keeps. */
export async function listThresholds(): Promise<Threshold[]> {
  const all: Threshold[] = [];
  let cursor: string | null = null;
  do {
    const { data, page } = await pageOf(cursor);
    all.push(...data);
    cursor = page.next;
  } while (cursor);
  return all.sort((a, b) => b.valid_from.localeCompare(a.valid_from) || b.id.localeCompare(a.id));
}

export const getProfile = async () => (await body(api.GET("/api/v1/thresholds/in-force"))).data;
export const listProposals = async () => (await body(api.GET("/api/v1/thresholds/proposals"))).data;

export const setThreshold = async ({
  kind,
  value,
  from,
}: {
  kind: Kind;
  value: Value;
  from: string | null;
}) =>
  (
    await body(
      api.PUT("/api/v1/thresholds/{kind}", {
        params: { path: { kind } },
        body: { value, ...(from && { valid_from: from }) },
      }),
    )
  ).data;

export const removeThreshold = ({ kind, valid_from }: Threshold) =>
  body(api.DELETE("/api/v1/thresholds/{kind}/{valid_from}", { params: { path: { kind, valid_from } } }));

export const acceptProposal = async ({ kind, value, valid_from }: Proposal) =>
  (
    await body(
      api.POST("/api/v1/thresholds/proposals/{kind}/acceptance", {
        params: { path: { kind } },
        body: { value, valid_from },
      }),
    )
  ).data;
