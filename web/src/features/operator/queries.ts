"use client";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  getOperator,
  getPlatform,
  getWork,
  listAccounts,
  listDeadKinds,
  listFigures,
  listParts,
  listPlatform,
  listSchedules,
  type State,
} from "./calls";

export const useOperator = () =>
  useQuery({ queryKey: ["operator"], queryFn: getOperator, staleTime: 5 * 60_000, retry: false });

export function usePlatform(q: string, state: State | "") {
  const result = useInfiniteQuery({
    queryKey: ["platform", q, state],
    queryFn: ({ pageParam }) => listPlatform(q, state, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next ?? null,
    placeholderData: keepPreviousData,
  });
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return { ...result, data };
}

export const usePlatformOrganization = (id: string) =>
  useQuery({ queryKey: ["platform-organization", id], queryFn: () => getPlatform(id) });
export function usePlatformAccounts(id: string) {
  const result = useInfiniteQuery({
    queryKey: ["platform-accounts", id],
    queryFn: ({ pageParam }) => listAccounts(id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next ?? null,
  });
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return { ...result, data };
}
export const useParts = () =>
  useQuery({ queryKey: ["platform-health"], queryFn: listParts, refetchInterval: 10_000 });
export const useFigures = () => useQuery({ queryKey: ["platform-figures"], queryFn: listFigures });

const WATCH_MS = 10_000;
export const useDeadKinds = () =>
  useQuery({ queryKey: ["dead-letters"], queryFn: listDeadKinds, staleTime: 0, refetchInterval: WATCH_MS });
export const useWork = () =>
  useQuery({ queryKey: ["work"], queryFn: getWork, staleTime: 0, refetchInterval: WATCH_MS });
export const useSchedules = () =>
  useQuery({ queryKey: ["schedules"], queryFn: listSchedules, staleTime: 0, refetchInterval: WATCH_MS });
