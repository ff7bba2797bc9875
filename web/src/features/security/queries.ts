"use client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { listProviders } from "@/features/auth/providers";
import { toast } from "@/ui/toast";
import * as calls from "./calls";

export const useMfa = () => useQuery({ queryKey: ["security", "mfa"], queryFn: calls.getMfa });
export const usePasskeys = () =>
  useQuery({ queryKey: ["security", "passkeys"], queryFn: calls.listPasskeys });
export const useSessions = () =>
  useQuery({ queryKey: ["security", "sessions"], queryFn: calls.listSessions });
export const useIdentities = () =>
  useQuery({ queryKey: ["security", "identities"], queryFn: calls.listIdentities });
export const useProviders = () =>
  useQuery({ queryKey: ["providers"], queryFn: listProviders, staleTime: 60 * 60_000 });

export const useEvents = () =>
  useInfiniteQuery({
    queryKey: ["security", "events"],
    queryFn: ({ pageParam }) => calls.listEvents(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next,
  });

/** A change of how one signs in: afterwards everything on the page is asked for anew, its events too. */
export function useChange<Input, Output>(
  run: (input: Input) => Promise<Output>,
  done: { said?: string | ((input: Input) => string); after?(output: Output, input: Input): void } = {},
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (output, input) => {
      void client.invalidateQueries({ queryKey: ["security"] });
      if (done.said) toast(typeof done.said === "function" ? done.said(input) : done.said);
      done.after?.(output, input);
    },
  });
}
