"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getCurves, getLoad, getZones, type Window } from "./calls";

/** Begins with "workouts": whatever changes these changes what is made of them. */
const keyOf = (what: string, window: Window, ...more: string[]) => ["workouts", what, window, ...more];

export const useLoad = (window: Window, asOf = "", metrics = "") =>
  useQuery({
    queryKey: keyOf("load", window, asOf, metrics),
    queryFn: () => getLoad(window, asOf, metrics),
    placeholderData: keepPreviousData,
  });

export const useCurves = (window: Window) =>
  useQuery({
    queryKey: keyOf("curves", window),
    queryFn: () => getCurves(window),
    placeholderData: keepPreviousData,
  });

export const useZones = (window: Window) =>
  useQuery({
    queryKey: keyOf("zones", window),
    queryFn: () => getZones(window),
    placeholderData: keepPreviousData,
  });
