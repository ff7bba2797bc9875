"use client";
import type { Week } from "@/features/today/week";
import { distance, duration, number, text } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";

const c = t.calendar;

/** What some days came to: time, then what there is of distance and load. */
export function useSaid(): (of: Week) => string[] {
  const { units } = usePreferences();
  return ({ time_s, distance_m, load }) => [
    duration(time_s),
    ...(distance_m > 0 ? [text(distance(distance_m, units))] : []),
    load ? c.load(number(load)) : c.noLoad,
  ];
}

export function SumLine({ of }: { of: Week }) {
  const said = useSaid();
  return [c.sum(of.workouts), ...said(of)].join(" · ");
}
