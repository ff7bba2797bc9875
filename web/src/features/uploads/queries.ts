"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { listUploads } from "@/lib/api";

export const uploadsKey = ["uploads"] as const;

/** All that are not deleted, page by page, the newest first. */
export function useUploads() {
  const result = useInfiniteQuery({
    queryKey: uploadsKey,
    queryFn: ({ pageParam }) => listUploads(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next,
  });
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return { ...result, data };
}
