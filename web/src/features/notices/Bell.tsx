"use client";
import { Bell as Icon } from "lucide-react";
import { cx } from "@/lib/classes";
import { Link } from "@/lib/nav";
import * as t from "@/texts/en";
import { buttonClass } from "@/ui/Button";
import { useUnread } from "./queries";

/** The way to the notices, with how many wait; a new one is said aloud. */
export default function Bell() {
  const unread = useUnread();
  const label = t.notices.bell(unread);
  return (
    <>
      <Link
        href="/notices"
        aria-label={label}
        title={label}
        className={cx(buttonClass("quiet", true), "relative")}
      >
        <Icon size={18} aria-hidden />
        {unread && (
          <span
            aria-hidden
            className="figures absolute top-0 right-0 min-w-4.5 rounded-full bg-accent px-1 text-center text-xs leading-4.5 text-on-accent"
          >
            {unread}
          </span>
        )}
      </Link>
      <span role="status" className="sr-only">
        {unread && t.notices.unread(unread)}
      </span>
    </>
  );
}
