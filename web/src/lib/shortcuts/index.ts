"use client";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { preferences } from "@/lib/preferences";

/** Keys such as "j", "?", "g w" (one after the other) or "mod+k" (⌘ or Ctrl), and what they do. */
export type Shortcuts = Record<string, () => void>;

const SEQUENCE_MS = 1200;
const TYPING =
  "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true]";
const FLOATING = "[role=dialog]:not([data-toast]), [role=alertdialog]:not([data-toast]), [role=menu]";

const layers: { current: Shortcuts }[] = [];
let previous = { key: "", at: 0 };

function pressed(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return (event.metaKey || event.ctrlKey) && !event.altKey ? `mod+${key}` : key;
}

/** Single keys rest while someone types or a floating layer is open, and when the person switched them off. */
function rests(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return (
    !preferences().singleKeys || Boolean(target?.closest(TYPING)) || document.querySelector(FLOATING) !== null
  );
}

function find(...keys: string[]): (() => void) | undefined {
  for (const key of keys)
    for (const layer of [...layers].reverse()) if (layer.current[key]) return layer.current[key];
  return undefined;
}

function onKey(event: KeyboardEvent): void {
  const key = pressed(event);
  if (event.defaultPrevented || event.altKey || (!key.startsWith("mod+") && rests(event))) return;
  const sequence = event.timeStamp - previous.at < SEQUENCE_MS ? `${previous.key} ${key}` : key;
  previous = { key, at: event.timeStamp };
  const action = find(sequence, key);
  if (!action) return;
  event.preventDefault();
  action();
}

const never = () => () => {};
const isApple = () => /^(Mac|iP)/.test(navigator.platform);

/** How this computer's keyboard says "mod+" and a key. */
export function useModKey(key: string): string {
  return useSyncExternalStore(never, isApple, () => false) ? `⌘${key}` : `Ctrl ${key}`;
}

/** Registers keys while the component is mounted; the one mounted last wins. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    if (layers.length === 0) window.addEventListener("keydown", onKey);
    layers.push(latest);
    return () => {
      layers.splice(layers.indexOf(latest), 1);
      if (layers.length === 0) window.removeEventListener("keydown", onKey);
    };
  }, []);
}
