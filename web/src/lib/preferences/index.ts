"use client";
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export type Units = "metric" | "imperial";
export type Zone = "workout" | "home";

export type Preferences = {
  theme: Theme;
  /** Those of the account (`account.ts`), as this browser knew them last. */
  units: Units;
  zone: Zone;
  /** Likewise: an IANA name; empty means the zone of this device. */
  homeZone: string;
  singleKeys: boolean;
  /** The origin of the map tiles that may be asked for; empty means that none is. */
  mapFrom: string;
};

const KEY = "rowhouse.preferences";
const DEFAULTS: Preferences = {
  theme: "system",
  units: "metric",
  zone: "workout",
  homeZone: "",
  singleKeys: true,
  mapFrom: "",
};

let current: Preferences | null = null;
const listeners = new Set<() => void>();

/** Kept in this browser; the early script reads the theme from the same key. */
export function preferences(): Preferences {
  if (current) return current;
  try {
    current = { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    current = DEFAULTS;
  }
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...preferences(), ...change };
  localStorage.setItem(KEY, JSON.stringify(current));
  applyTheme();
  for (const listener of listeners) listener();
}

function applyTheme(): void {
  const { theme } = preferences();
  const dark = theme === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const system = matchMedia("(prefers-color-scheme: dark)");
  const changed = (event: Event) => {
    if (event instanceof StorageEvent && event.key !== KEY) return;
    if (event instanceof StorageEvent) current = null;
    applyTheme();
    listener();
  };
  system.addEventListener("change", changed);
  window.addEventListener("storage", changed);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", changed);
    window.removeEventListener("storage", changed);
  };
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences, () => DEFAULTS);
}

export const deviceZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
