import { api, body } from "@/lib/api/client";
import type { components } from "@/lib/api/schema";

type Schemas = components["schemas"];
export type LoadDay = Schemas["LoadDay"];
export type Formula = Schemas["FormulaView"];
export type Formulas = Readonly<Record<string, Formula>>;
export type ChannelName = "heart_rate_bpm" | "power_w" | "speed_mps";
export type BestEffort = Schemas["BestEffort"];
export type ZoneTime = Schemas["ZoneTime"];
/** Days as `2026-11-27`; empty for what the API does by itself. */
export type Window = { from: string; to: string; athlete?: string };

const query = ({ from, to, athlete }: Window) => ({
  ...(from && { from }),
  ...(to && { to }),
  ...(athlete && { athlete_id: athlete }),
});

/** The days with their formulas; `as_of` a day whose knowledge is asked for, `metrics` those that are wanted alone. */
export const getLoad = (window: Window, as_of = "", metrics = "") => {
  const wanted = { ...query(window), ...(as_of && { as_of }), ...(metrics && { metrics }) };
  return body(api.GET("/api/v1/analysis/load", { params: { query: wanted } }));
};

export const getCurves = (window: Window) =>
  body(api.GET("/api/v1/analysis/curves", { params: { query: query(window) } }));

export const getZones = (window: Window) =>
  body(api.GET("/api/v1/analysis/zones", { params: { query: query(window) } }));
