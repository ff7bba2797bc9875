"use client";
import { useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

/** "light" or "dark", as the page is drawn now. */
export function useResolvedTheme(): string {
  return useSyncExternalStore(
    subscribe,
    () => document.documentElement.dataset.theme ?? "light",
    () => "light",
  );
}

/** The value of a colour token as it is now, for what can't use CSS (a canvas). */
export const token = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
