"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useJob } from "@/lib/job";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";
import {
  connectByKey,
  connectSource,
  disconnectSource,
  getSource,
  listOffers,
  listSources,
  type Source,
  syncSource,
} from "./calls";

const BUSY_MS = 3_000;
const CALM_MS = 60_000;
const SOURCES = ["sources"];
const OFFERS = [...SOURCES, "offers"];

export const useSources = () =>
  useQuery({
    queryKey: SOURCES,
    queryFn: listSources,
    staleTime: 5_000,
    refetchInterval: ({ state: { data } }) =>
      data?.some((source) => source.status === "syncing") ? BUSY_MS : CALM_MS,
  });

export const useOffers = () => useQuery({ queryKey: OFFERS, queryFn: listOffers, staleTime: 5_000 });

/** A source as a whole; read anew with each change that the list of sources tells of. */
export const useSource = ({ id, status, last_sync }: Source) =>
  useQuery({
    queryKey: [...SOURCES, id, status, last_sync],
    queryFn: () => getSource(id),
    staleTime: 5_000,
    placeholderData: (before) => (before?.id === id ? before : undefined),
  });

/** The sync that is under way, moving by itself; once it is over, what it changed is read anew. */
export function useSync(jobId: string | null) {
  const client = useQueryClient();
  const { job, ended } = useJob(jobId);
  useEffect(() => {
    if (!ended) return;
    void client.invalidateQueries({ queryKey: SOURCES });
    void client.invalidateQueries({ queryKey: ["workouts"] });
  }, [ended, client]);
  return job;
}

/** Leaves for the service's own page. */
export const useConnect = () =>
  useMutation({ mutationFn: connectSource, onSuccess: (address) => window.location.assign(address) });

/** Connects with a key of one's own; its first sync is under way then. */
export function useKey(provider: string, title: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: Parameters<typeof connectByKey>[1]) => connectByKey(provider, given),
    onSuccess: () => toast(t.sources.connected(title)),
    onSettled: () => client.invalidateQueries({ queryKey: SOURCES }),
  });
}

export function useSourceAction(verb: "sync" | "disconnect", title: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: verb === "sync" ? syncSource : disconnectSource,
    onSuccess: () =>
      verb === "sync"
        ? toast(t.sources.synced(title))
        : toast(t.sources.disconnected(title), { text: t.sources.disconnectedText }),
    // The lists alone: a source that is gone would be asked for once more.
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: SOURCES, exact: true }),
        client.invalidateQueries({ queryKey: OFFERS }),
      ]),
  });
}
