"use client";
import { type KeyboardEvent, type RefObject, useRef } from "react";
import { useShortcuts } from "@/lib/shortcuts";

/**
 * j and k move the focus from row to row, x selects; Enter opens, as the focus is on a link. The arrows do the same
 * once a row has the focus: what is returned listens for them.
 */
export function useRowKeys(
  body: RefObject<HTMLElement | null>,
  rows: readonly { id: string }[],
  reveal: (index: number) => void,
  toggle: (id: string) => void,
): (event: KeyboardEvent) => void {
  const at = useRef(-1);
  const focused = () => {
    const row = document.activeElement?.closest<HTMLElement>("[data-index]");
    return row && body.current?.contains(row) ? Number(row.dataset.index) : null;
  };
  const move = (step: number) => {
    const from = focused() ?? at.current;
    at.current = Math.max(0, Math.min(rows.length - 1, from + step));
    reveal(at.current);
    focusRow(body.current, at.current, 10);
  };
  const select = () => {
    const id = rows[focused() ?? -1]?.id;
    if (id) toggle(id);
  };
  useShortcuts({ j: () => move(1), k: () => move(-1), x: select });
  return (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || focused() === null) return;
    event.preventDefault();
    move(step);
  };
}

/** The row may appear a few frames after it was scrolled to. */
function focusRow(body: HTMLElement | null, index: number, frames: number): void {
  const link = body?.querySelector<HTMLElement>(`[data-index="${index}"] [data-row-link]`);
  if (link) link.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusRow(body, index, frames - 1));
}
