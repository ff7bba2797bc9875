"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getDays } from "./calls";

/** Begins with "workouts": whatever changes these changes the calendar. */
export const useDays = (first: string, last: string, athlete: string) =>
  useQuery({
    queryKey: ["workouts", "days", first, last, athlete],
    queryFn: () => getDays(first, last, athlete),
    placeholderData: keepPreviousData,
  });
