"use client";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { decideMatch, listMatches, type MatchState } from "@/lib/api";
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

/** How many pairs wait for a decision, for the navigation: "3", "20+", or null for none. */
export function useOpenMatchCount(): string | null {
  const { data } = useMatches("open");
  const count = data?.pages.reduce((sum, page) => sum + page.data.length, 0) ?? 0;
  if (count === 0) return null;
  return data?.pages.at(-1)?.page.next ? `${count}+` : String(count);
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
