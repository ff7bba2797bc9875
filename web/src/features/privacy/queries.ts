"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  type Consent,
  type Export,
  getDeletion,
  listConsents,
  listExports,
  listRules,
  sayConsent,
} from "./calls";

const EXPORTS = ["privacy", "exports"];
const CONSENTS = ["privacy", "consents"];
export const DELETION = ["privacy", "deletion"];
const PAUSE_MS = 2000;

export const underWay = (one: Export) => one.state === "queued" || one.state === "running";

/** Asked for again while one is being made. */
export const useExports = () =>
  useQuery({
    queryKey: EXPORTS,
    queryFn: listExports,
    refetchInterval: ({ state }) => (state.data?.some(underWay) ? PAUSE_MS : false),
  });

export function useAgain(key: readonly string[] = EXPORTS) {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: key });
}

export const useRules = () => useQuery({ queryKey: ["privacy", "retention"], queryFn: listRules });
export const useDeletion = () => useQuery({ queryKey: DELETION, queryFn: getDeletion });
export const useConsents = () => useQuery({ queryKey: CONSENTS, queryFn: listConsents });

export function useSayConsent() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ consent, given }: { consent: Consent; given: boolean }) => sayConsent(consent, given),
    onSuccess: (said) =>
      client.setQueryData<Consent[]>(CONSENTS, (all) =>
        all?.map((one) => (one.purpose === said.purpose ? said : one)),
      ),
    onError: () => client.invalidateQueries({ queryKey: CONSENTS }),
  });
}
