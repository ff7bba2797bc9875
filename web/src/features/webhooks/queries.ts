"use client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  type Delivery,
  type DeliveryState,
  getDelivery,
  listDeliveries,
  listEndpoints,
  listEventTypes,
} from "./calls";

const WATCHED_MS = 2_000;

export const useEventTypes = () =>
  useQuery({ queryKey: ["webhook-event-types"], queryFn: listEventTypes, staleTime: 60 * 60_000 });
export const useEndpoints = () => useQuery({ queryKey: ["webhooks", "endpoints"], queryFn: listEndpoints });

/** Whether a try is about to happen, so that looking again soon is worth it. */
const soon = (delivery: Delivery) =>
  delivery.state === "pending" &&
  Date.parse(delivery.next_attempt_at ?? delivery.created_at) < Date.now() + WATCHED_MS;

export function useDeliveries(endpoint: string, state: DeliveryState | "", sort: string) {
  const result = useInfiniteQuery({
    queryKey: ["webhooks", "deliveries", endpoint, state, sort],
    queryFn: ({ pageParam }) => listDeliveries(endpoint, state, sort, pageParam),
    placeholderData: (before, query) =>
      query?.queryKey[3] === state && query.queryKey[2] === endpoint ? before : undefined,
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next ?? null,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.data.some(soon)) ? WATCHED_MS : false,
  });
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return { ...result, data };
}

export const useDelivery = (endpoint: string, delivery: string) =>
  useQuery({
    queryKey: ["webhooks", "delivery", endpoint, delivery],
    queryFn: () => getDelivery(endpoint, delivery),
    refetchInterval: ({ state: { data } }) => (data && soon(data) ? WATCHED_MS : false),
  });

/** A change after which everything about endpoints is asked for anew. */
export function useChange<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => client.invalidateQueries({ queryKey: ["webhooks"] }),
  });
}
