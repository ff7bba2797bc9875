"use client";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { getState, listEntries } from "./calls";
import { type Filters, queryOf } from "./filters";

export function useEntries(filters: Filters, sort: string) {
  const result = useInfiniteQuery({
    queryKey: ["audit", filters, sort],
    queryFn: ({ pageParam }) => listEntries(queryOf(filters), sort, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next ?? null,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => result.data?.pages.flatMap((page) => page.data) ?? [], [result.data]);
  return { ...result, rows };
}

export const useAuditState = () => useQuery({ queryKey: ["audit-state"], queryFn: getState });
