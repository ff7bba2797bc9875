"use client";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { moment } from "@/lib/format";
import { deviceZone, usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import type { SecurityEvent } from "./calls";
import { useEvents } from "./queries";
import { Row } from "./Row";
import { RowCard } from "./RowCard";

const s = t.security.events;
/** What may have been somebody else. */
const WORRYING = new Set([
  "new_device",
  "new_country",
  "impossible_journey",
  "failures",
  "proofs_failed",
  "refresh_token_reused",
  "passkey_cloned",
]);

/** What has changed how one signs in, the newest first. */
export function EventsCard() {
  const events = useEvents();
  const rows = events.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <RowCard title={s.title} lead={s.lead} query={{ ...events, isError: events.isLoadingError }}>
      {rows.map((one) => (
        <EventRow key={one.id} event={one} />
      ))}
      {rows.length === 0 && <Row title={s.emptyTitle} text={s.empty} />}
      {events.hasNextPage && (
        <li className="px-5 py-3">
          <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            {s.more}
          </Button>
        </li>
      )}
    </RowCard>
  );
}

function EventRow({ event }: { event: SecurityEvent }) {
  const { homeZone } = usePreferences();
  const worrying = WORRYING.has(event.kind);
  const Icon = worrying ? ShieldAlert : ShieldCheck;
  const ended = Number(event.details.api_keys_ended ?? 0);
  const name = typeof event.details.name === "string" ? `“${event.details.name}”` : null;
  return (
    <Row
      icon={<Icon size={18} aria-hidden className={worrying ? "text-warn" : undefined} />}
      title={s.kinds[event.kind] ?? event.sentence}
      chips={worrying && <Chip tone="warn">{s.worrying}</Chip>}
      text={[
        name,
        ended > 0 && s.keysEnded(ended),
        moment(event.at, homeZone || deviceZone()),
        event.device,
        event.place,
        event.client_address,
      ]
        .filter(Boolean)
        .join(" · ")}
    />
  );
}
