"use client";
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { NOTICES, UNREAD, useLive } from "@/lib/live";
import { useMay } from "@/lib/permissions";
import { useMe } from "@/lib/session";
import {
  countUnread,
  listNotices,
  listPreferences,
  markAllRead,
  markRead,
  type Preference,
  setPreference,
} from "./calls";

const CALM_MS = 60_000;
const PREFERENCES = ["notice-preferences"];

/** How many wait: "3", "99+", or null for none. Told as it changes, or asked for now and then. */
export function useUnread(): string | null {
  const known = useMe().data !== undefined;
  const live = useLive(useMay()("kernel.jobs.read"));
  const { data = 0 } = useQuery({
    queryKey: UNREAD,
    queryFn: countUnread,
    enabled: known,
    refetchInterval: live ? false : CALM_MS,
  });
  return data === 0 ? null : data > 99 ? "99+" : String(data);
}

export const useNotices = (unread: boolean) =>
  useInfiniteQuery({
    queryKey: [...NOTICES, unread],
    queryFn: ({ pageParam }) => listNotices(unread, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

export const useMarkRead = () => useMarking(markRead);
export const useMarkAllRead = () => useMarking(markAllRead);

function useMarking(mark: (id: string) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: mark,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: NOTICES }),
        client.invalidateQueries({ queryKey: UNREAD }),
      ]),
  });
}

export const usePreferences = () => useQuery({ queryKey: PREFERENCES, queryFn: listPreferences });

export function useSetPreference() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: setPreference,
    onSuccess: (said) =>
      client.setQueryData<Preference[]>(PREFERENCES, (all) =>
        all?.map((one) => (one.kind === said.kind ? said : one)),
      ),
    onError: () => client.invalidateQueries({ queryKey: PREFERENCES }),
  });
}
