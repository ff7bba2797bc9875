"use client";
import { lazy, Suspense, useState } from "react";
import type { ChannelName } from "@/features/load/calls";
import { dateName } from "@/features/load/dates";
import { dayOf } from "@/features/load/range";
import { rangeText } from "@/features/load/Zones";
import { useMay } from "@/lib/permissions";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { type Profile, setThreshold, type Threshold } from "./calls";
import { nameOf } from "./kinds";
import { useChange } from "./queries";
import { ownSince, ZONE_KINDS } from "./zones";

const ZonesDialog = lazy(() => import("./ZonesDialog"));

const h = t.thresholds;
const CHANNELS = ["heart_rate_bpm", "power_w", "speed_mps"] as const;

type Props = { profile: Profile; all: readonly Threshold[] };

/** The zones that hold today: one's own, or those that follow from the thresholds. */
export function ZonesToday({ profile, all }: Props) {
  const mayChange = useMay()("fitness.workouts.write");
  const [setting, setSetting] = useState<ChannelName | null>(null);
  const reset = useChange(setThreshold, ({ kind }) => [h.own.isReset(nameOf(kind)), h.own.savedText]);
  return (
    <Card title={h.zones} lead={h.zonesLead}>
      {reset.error && (
        <div className="mb-4">
          <ProblemNotice error={reset.error} />
        </div>
      )}
      <div className="grid gap-6 sm:grid-cols-3">
        {CHANNELS.map((channel) => {
          const kind = ZONE_KINDS[channel];
          const since = ownSince(channel, profile, all);
          return (
            <section key={channel} aria-label={t.load.zones.channels[channel]} className="flex flex-col">
              <h3 className="text-sm font-medium">{t.load.zones.channels[channel]}</h3>
              <p className="mb-1.5 text-xs text-muted">
                {since ? h.own.since(dateName(since)) : profile.zones[channel] ? h.own.derived : h.none}
              </p>
              <List channel={channel} starts={profile.zones[channel]} />
              {mayChange && (
                <div className="mt-auto flex flex-wrap gap-2 pt-3">
                  <Button onClick={() => setSetting(channel)}>
                    {since ? h.change : h.own.set}
                    <span className="sr-only">: {nameOf(kind)}</span>
                  </Button>
                  {since && (
                    <Button
                      look="quiet"
                      aria-label={h.own.resetOf(nameOf(kind))}
                      busy={reset.isPending && reset.variables.kind === kind}
                      onClick={() => reset.mutate({ kind, value: [], from: dayOf(Date.now()) })}
                    >
                      {h.own.reset}
                    </Button>
                  )}
                </div>
              )}
            </section>
          );
        })}
      </div>
      <Suspense>
        {setting && (
          <ZonesDialog
            channel={setting}
            starts={profile.zones[setting] ?? null}
            onClose={() => setSetting(null)}
          />
        )}
      </Suspense>
    </Card>
  );
}

function List({ channel, starts }: { channel: ChannelName; starts: readonly number[] | null | undefined }) {
  const { units } = usePreferences();
  if (!starts) return <p className="text-pretty text-muted">{t.load.zones.unknown[channel]}</p>;
  return (
    <ol className="figures divide-y divide-line">
      {starts.map((from, n) => (
        <li key={from} className="flex gap-3 py-1">
          <span className="w-4 text-muted">{n + 1}</span>
          {rangeText(channel, { from, to: starts[n + 1] ?? null }, units)}
        </li>
      ))}
    </ol>
  );
}
