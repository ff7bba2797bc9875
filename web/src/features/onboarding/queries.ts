"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { getOnboarding, getTerms, type OnboardingProgress, saveOnboarding } from "@/lib/api";
import { useSignedInBefore } from "@/lib/signed-in";
import { Autosave } from "./autosave";

const KEY = ["onboarding"];
const HOUR_MS = 60 * 60_000;

/** How far one has come, asked once an hour at most; `fresh` asks now, since another device may have gone on. */
export function useOnboarding({ fresh = false } = {}) {
  return useQuery({
    queryKey: KEY,
    queryFn: getOnboarding,
    staleTime: fresh ? 0 : HOUR_MS,
    gcTime: HOUR_MS,
    enabled: useSignedInBefore() === true,
  });
}

export function useTerms() {
  return useQuery({ queryKey: ["terms"], queryFn: getTerms, staleTime: HOUR_MS });
}

export function useKeepOnboarding(): (progress: OnboardingProgress) => void {
  const client = useQueryClient();
  return (progress) => client.setQueryData(KEY, progress);
}

/** The draft of the stage that is open. Saves what is left when the page is hidden, left, or back online. */
export function useAutosave(progress: OnboardingProgress, stage: string) {
  const keep = useKeepOnboarding();
  const [autosave] = useState(() => new Autosave(progress, stage, saveOnboarding, keep));
  useEffect(() => {
    const flush = () => void autosave.flush();
    const hidden = () => document.visibilityState === "hidden" && flush();
    window.addEventListener("online", flush);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      window.removeEventListener("online", flush);
      document.removeEventListener("visibilitychange", hidden);
      flush();
    };
  }, [autosave]);
  return { autosave, draft: useSyncExternalStore(autosave.subscribe, autosave.snapshot, autosave.snapshot) };
}
