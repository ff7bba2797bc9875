"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getLatest, getReadings, type Kind } from "./calls";

const KEY = "biometrics";

export const useLatest = () => useQuery({ queryKey: [KEY, "latest"], queryFn: getLatest });

export const useReadings = (kind: Kind, from: string, resolution: "day" | "week", enabled = true) =>
  useQuery({
    queryKey: [KEY, kind, from, resolution],
    queryFn: () => getReadings(kind, from, resolution),
    enabled,
    placeholderData: keepPreviousData,
  });
