"use client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { decideMatch, listMatches, listOpenMatches, type MatchState } from "@/lib/api";
import { useSignedInBefore } from "@/lib/signed-in";

export function useMatches(state: MatchState) {
  return useInfiniteQuery({
    queryKey: ["matches", state],
    queryFn: ({ pageParam }) => listMatches(state, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next,
    enabled: useSignedInBefore() === true,
  });
}

/** What waits for a decision, as every page asks for it: its ids alone. */
export const useOpenMatches = () =>
  useQuery({
    queryKey: ["matches", "open", "ids"],
    queryFn: listOpenMatches,
    enabled: useSignedInBefore() === true,
  });

/** How many pairs wait for a decision, for the navigation: "3", "20+", or null for none. */
export function useOpenMatchCount(): string | null {
  const { data } = useOpenMatches();
  if (!data?.data.length) return null;
  return data.page.next ? `${data.data.length}+` : String(data.data.length);
}

/** Decides, or changes what was decided. */
export function useDecision() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, same }: { id: string; same: boolean }) => decideMatch(id, same),
    onSettled: () => refreshLists(client),
  });
}

function refreshLists(client: ReturnType<typeof useQueryClient>): Promise<unknown> {
  return Promise.all([
    client.invalidateQueries({ queryKey: ["matches"] }),
    client.invalidateQueries({ queryKey: ["workouts"] }),
  ]);
}
