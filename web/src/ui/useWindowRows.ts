"use client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";

const AHEAD_ROWS = 40;
/** What sticks to the window's top and bottom covers as much. */
const COVERED_PX = { top: 104, bottom: 72 };

/**
 * A long list in the window's own scrolling, of which only the rows in view are in the document. `onMore` is called as one
 * nears the end, while `more` says that it may be. `body` goes around the rows; each stands `shift` below its top.
 */
export function useWindowRows(
  rows: readonly { id: string }[],
  { rowPx, more, onMore }: { rowPx: number; more: boolean; onMore(): void },
) {
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    setMargin((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowPx,
    overscan: 12,
    scrollMargin: margin,
    getItemKey: (index) => rows[index]?.id ?? index,
    scrollPaddingStart: COVERED_PX.top,
    scrollPaddingEnd: COVERED_PX.bottom,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - AHEAD_ROWS) onMore();
  }, [more, last, rows.length, onMore]);
  return { body, virtual, items, shift: (start: number) => `translateY(${start - margin}px)` };
}
