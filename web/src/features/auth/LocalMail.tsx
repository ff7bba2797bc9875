"use client";
import { useSyncExternalStore } from "react";
import * as t from "@/texts/en";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** In a local run, where its mail can be read. */
export function LocalMail() {
  const local = useSyncExternalStore(
    () => () => {},
    () => LOOPBACK.has(window.location.hostname),
    () => false,
  );
  if (!local) return null;
  return (
    <a href="/dev/mail" target="_blank" rel="noreferrer" className="text-accent underline">
      {t.auth.localMail}
    </a>
  );
}
