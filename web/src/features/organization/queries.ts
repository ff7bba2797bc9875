"use client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { afterMe } from "@/lib/after-me";
import { useMe } from "@/lib/session";
import {
  getOrganization,
  listInvitations,
  listMembers,
  listOrganizations,
  type OwnOrganization,
} from "./calls";

/** The organization that the session acts in; empty until that is known. */
export function useHere(): string {
  return useMe().data?.organization.id ?? "";
}

export const beingSetUp = (one: OwnOrganization) => one.state === "provisioning";
const PAUSE_MS = 3_000;

/** Looks again while one is being set up; once it is, it is among one's accounts. */
export function useOrganizations() {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["organizations"],
    queryFn: async () => {
      const before = client.getQueryData<OwnOrganization[]>(["organizations"]) ?? [];
      const found = await listOrganizations();
      const active = new Set(found.filter((one) => one.state === "active").map((one) => one.id));
      if (before.some((one) => beingSetUp(one) && active.has(one.id)))
        void client.invalidateQueries({ queryKey: ["me"] });
      return found;
    },
    staleTime: 60_000,
    refetchInterval: ({ state }) => (state.data?.some(beingSetUp) ? PAUSE_MS : false),
  });
}

export function useOrganization() {
  const id = useHere();
  const result = useQuery({
    queryKey: ["organization", id],
    queryFn: () => getOrganization(id),
    enabled: id !== "",
    staleTime: 0,
  });
  return afterMe(result, useMe());
}

type Page<Row> = { data: Row[]; page: { next?: string | null } };

function useEvery<Row>(
  key: string,
  ask: (id: string, cursor: string | null, sort: string) => Promise<Page<Row>>,
  sort: string,
  all = false,
) {
  const id = useHere();
  const result = useInfiniteQuery({
    queryKey: [key, id, sort],
    queryFn: ({ pageParam }) => ask(id, pageParam, sort),
    // Until the other order is there, so that the head that was pressed keeps the focus.
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next ?? null,
    enabled: id !== "",
  });
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = result;
  useEffect(() => {
    if (all && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [all, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return afterMe({ ...result, data }, useMe());
}

/** A page of members at a time, and all of them where they are chosen from. */
export const useMembers = (sort: string) => useEvery("members", listMembers, sort);
export const useAllMembers = () => useEvery("members", listMembers, "joined_at", true);
export const useInvitations = () => useEvery("invitations", listInvitations, "-created_at");

/** What changes members or invitations makes the lists of them, of roles and of oneself out of date. */
export function useOrganizationChange<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () =>
      Promise.all(
        ["members", "invitations", "roles", "me", "organizations"].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  });
}
