import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import { toast } from "@/ui/toast";
import { operatorApi as api } from "./client";

type Schemas = components["schemas"];
export type Flag = Schemas["FlagView"];
export type OrganizationFlag = Schemas["OrganizationFlagView"];
export type Quota = Schemas["QuotaView"];
export type Plans = Schemas["PlansView"];

const of = (organization_id: string) => ({ params: { path: { organization_id } } });

export const useFlags = () =>
  useQuery({
    queryKey: ["flags"],
    queryFn: async () => (await body(api.GET("/api/v1/admin/flags"))).data,
  });
export const useOrganizationFlags = (id: string) =>
  useQuery({
    queryKey: ["organization-flags", id],
    queryFn: async () =>
      (await body(api.GET("/api/v1/admin/organizations/{organization_id}/flags", of(id)))).data,
  });
export const useQuota = (id: string) =>
  useQuery({
    queryKey: ["quota", id],
    queryFn: async () =>
      (await body(api.GET("/api/v1/admin/organizations/{organization_id}/quota", of(id)))).data,
  });
export const usePlans = () =>
  useQuery({
    queryKey: ["plans"],
    queryFn: async () => (await body(api.GET("/api/v1/admin/plans"))).data,
    staleTime: 60 * 60_000,
  });

export const rollOut = (flag: string, percent: number | null, reason: string) =>
  body(api.PUT("/api/v1/admin/flags/{flag}", { params: { path: { flag } }, body: { percent, reason } }));
export const override = (organization_id: string, flag: string, enabled: boolean | null, reason: string) =>
  body(
    api.PUT("/api/v1/admin/organizations/{organization_id}/flags/{flag}", {
      params: { path: { organization_id, flag } },
      body: { enabled, reason },
    }),
  );
export const setQuota = (organization_id: string, version: number, edit: Schemas["QuotaEdit"]) =>
  body(
    api.PUT("/api/v1/admin/organizations/{organization_id}/quota", {
      params: { path: { organization_id }, header: { "if-match": `"${version}"` } },
      body: edit,
    }),
  );

/** A change with its reason; what it touches is asked for anew, and then it says so. */
export function useSwitch(keys: readonly string[], said: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: () => Promise<unknown>) => change(),
    onSuccess: () => {
      toast(said);
      onDone();
    },
    onSettled: () => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}
