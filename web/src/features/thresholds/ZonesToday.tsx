"use client";
import { rangeText } from "@/features/load/Zones";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import type { Profile } from "./calls";

const h = t.thresholds;
const CHANNELS = ["heart_rate_bpm", "power_w", "speed_mps"] as const;

/** The zones that follow from what holds today. */
export function ZonesToday({ profile }: { profile: Profile }) {
  const { units } = usePreferences();
  return (
    <Card title={h.zones} lead={h.zonesLead}>
      <div className="grid gap-6 sm:grid-cols-3">
        {CHANNELS.map((channel) => {
          const starts = profile.zones[channel];
          return (
            <section key={channel} aria-label={t.load.zones.channels[channel]}>
              <h3 className="mb-1.5 text-sm font-medium">{t.load.zones.channels[channel]}</h3>
              {starts ? (
                <ol className="figures divide-y divide-line">
                  {starts.map((from, n) => (
                    <li key={from} className="flex gap-3 py-1">
                      <span className="w-4 text-muted">{n + 1}</span>
                      {rangeText(channel, { from, to: starts[n + 1] ?? null }, units)}
                    </li>
                  ))}
                </ol>
              ) : (
                <p className="text-pretty text-muted">{t.load.zones.unknown[channel]}</p>
              )}
            </section>
          );
        })}
      </div>
    </Card>
  );
}
