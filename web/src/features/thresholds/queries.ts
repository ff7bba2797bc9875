"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/ui/toast";
import { getProfile, listProposals, listThresholds } from "./calls";

const THRESHOLDS = ["thresholds"];

export const useThresholds = () => useQuery({ queryKey: [...THRESHOLDS, "all"], queryFn: listThresholds });
export const useProfile = () => useQuery({ queryKey: [...THRESHOLDS, "in-force"], queryFn: getProfile });
export const useProposals = () =>
  useQuery({ queryKey: [...THRESHOLDS, "proposals"], queryFn: listProposals });

/** Changes what is judged by: thresholds are read anew, and all that is made of workouts. */
export function useChange<Input, Output>(
  run: (input: Input) => Promise<Output>,
  said: (output: Output) => readonly [title: string, text?: string],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (output) => {
      const [title, text] = said(output);
      toast(title, { text });
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: THRESHOLDS }),
        client.invalidateQueries({ queryKey: ["workouts"] }),
      ]),
  });
}
