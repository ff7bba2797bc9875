"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";

type Schemas = components["schemas"];
export type WorkoutExport = Schemas["WorkoutExportView"];
export type Request = Schemas["WorkoutExportRequest"];
export type Format = Request["format"];

const EXPORTS = ["workouts", "exports"];
const PAUSE_MS = 2_000;

export const underWay = ({ state }: WorkoutExport) => state === "queued" || state === "running";

/** Asked for again while one is being made. */
export const useExports = () =>
  useQuery({
    queryKey: EXPORTS,
    queryFn: async () => (await body(api.GET("/api/v1/exports"))).data,
    refetchInterval: ({ state }) => (state.data?.some(underWay) ? PAUSE_MS : false),
  });

export function useStart() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: Request) => body(api.POST("/api/v1/export", { body: wanted })),
    onSettled: () => client.invalidateQueries({ queryKey: EXPORTS }),
  });
}

export function useRemove() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (export_id: string) =>
      body(api.DELETE("/api/v1/exports/{export_id}", { params: { path: { export_id } } })),
    onSuccess: () => toast(t.exports.removed),
    onSettled: () => client.invalidateQueries({ queryKey: EXPORTS }),
  });
}
