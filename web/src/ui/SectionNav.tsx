"use client";
import { useEffect, useRef } from "react";
import { cx } from "@/lib/classes";
import { Link, usePathname } from "@/lib/nav";

type Props = { label: string; items: readonly (readonly [href: string, text: string, ...unknown[]])[] };

/** The pages of a section, as a row of links that scrolls sideways where it must. */
export function SectionNav({ label, items }: Props) {
  const path = usePathname();
  const isHere = (href: string) => href.split("?")[0] === path;
  const row = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page or another row may hide the present one
  useEffect(() => {
    const current = row.current?.querySelector<HTMLElement>("[aria-current]");
    if (row.current && current) row.current.scrollLeft = current.offsetLeft - row.current.clientWidth / 3;
  }, [path, items.length]);
  return (
    <nav
      ref={row}
      aria-label={label}
      className="relative -mx-4 mb-6 overflow-x-auto border-b border-line px-4 md:mx-0 md:px-0"
    >
      <ul className="flex h-10 pointer-coarse:h-12 w-max gap-1">
        {items.map(([href, text]) => (
          <li key={href} className="flex">
            <Link
              href={href}
              aria-current={isHere(href) ? "page" : undefined}
              className={cx(
                "flex items-center border-b-2 px-2.5 text-sm whitespace-nowrap -outline-offset-2!",
                isHere(href)
                  ? "border-accent font-medium text-fg"
                  : "border-transparent text-muted hover:text-fg",
              )}
            >
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
