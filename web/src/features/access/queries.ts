"use client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { listGrants, listKeys, listPermissions, listRoles } from "./calls";

export const usePermissions = () =>
  useQuery({ queryKey: ["permissions"], queryFn: listPermissions, staleTime: 60 * 60_000 });
export const useRoles = () => useQuery({ queryKey: ["roles"], queryFn: listRoles });

type Page<Row> = { data: Row[]; page: { next?: string | null } };

function usePages<Row>(key: string, queryFn: (cursor: string | null) => Promise<Page<Row>>) {
  const result = useInfiniteQuery({
    queryKey: [key],
    queryFn: ({ pageParam }) => queryFn(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next ?? null,
  });
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return { ...result, data };
}

export const useGrants = () => usePages("grants", listGrants);
export const useKeys = () => usePages("keys", listKeys);

/** A change after which the lists named are asked for anew. */
export function useChange<Input, Output>(
  keys: readonly string[],
  mutationFn: (input: Input) => Promise<Output>,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}
