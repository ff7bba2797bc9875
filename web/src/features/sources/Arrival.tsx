"use client";
import { X } from "lucide-react";
import { cx } from "@/lib/classes";
import { providerName } from "@/lib/format";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import type { Offer } from "./calls";

const s = t.sources;

type Props = { connected?: string; error?: string; offers: readonly Offer[]; onClose(): void };

/** What came of the visit to a service's own page, from which the browser has just come back. */
export function Arrival({ connected, error, offers, onClose }: Props) {
  if (!connected && !error) return null;
  const title = offers.find(({ provider }) => provider === connected)?.title ?? providerName(connected ?? "");
  return (
    <div
      role={error ? "alert" : "status"}
      className={cx(
        "mb-5 flex items-start gap-3 rounded-xl border py-2 pr-2 pl-4",
        error ? "border-bad/35 bg-bad-soft" : "border-ok/35 bg-ok-soft",
      )}
    >
      <p className="min-w-0 flex-1 py-1.5">
        <span className={cx("font-semibold", error ? "text-bad" : "text-ok")}>
          {error ? s.refusedTitle : s.connected(title)}
        </span>
        <span className="block">{error ? (s.refused[error] ?? s.refusedOtherwise) : s.connectedText}</span>
      </p>
      <IconButton label={t.common.dismiss} onClick={onClose}>
        <X size={16} aria-hidden />
      </IconButton>
    </div>
  );
}
