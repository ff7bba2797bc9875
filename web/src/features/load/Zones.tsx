"use client";
import { Info } from "lucide-react";
import { duration, heartRate, number, power, tempo, text } from "@/lib/format";
import { useQueryState } from "@/lib/nav";
import { type Units, usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { IconButton, LinkButton } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Choices } from "@/ui/Choices";
import { Loaded } from "@/ui/Loaded";
import { Popover } from "@/ui/Popover";
import type { ChannelName, Formulas, Window, ZoneTime } from "./calls";
import { FormulaCard } from "./FormulaCard";
import { useZones } from "./queries";

const z = t.load.zones;
const CHANNELS = ["heart_rate_bpm", "power_w", "speed_mps"] as const;

/** A value of a channel as people say it. */
export function channelValue(channel: ChannelName, value: number, units: Units): string {
  if (channel === "heart_rate_bpm") return text(heartRate(value));
  return text(channel === "power_w" ? power(value) : tempo(value, "run", units));
}

/** How long was spent in which zone. */
export function Zones({ window }: { window: Window }) {
  const [address, setAddress] = useQueryState();
  const channel = CHANNELS.find((one) => one === address.zones) ?? "heart_rate_bpm";
  const zones = useZones(window);
  return (
    <Card
      title={z.title}
      lead={z.lead}
      actions={
        <Choices
          label={z.channel}
          hideLabel
          value={channel}
          options={CHANNELS.map((one) => [one, z.channels[one]])}
          onChange={(chosen) => setAddress({ zones: chosen === "heart_rate_bpm" ? "" : chosen })}
        />
      }
    >
      <Loaded of={zones}>
        {({ data, meta }) => (
          <Times
            channel={channel}
            zones={data[channel] ?? null}
            formulas={meta.formulas}
            own={!window.athlete}
          />
        )}
      </Loaded>
    </Card>
  );
}

type TimesProps = {
  channel: ChannelName;
  zones: readonly ZoneTime[] | null;
  formulas: Formulas;
  own: boolean;
};

function Times({ channel, zones, formulas, own }: TimesProps) {
  const { units } = usePreferences();
  if (!zones)
    return (
      <div className="flex flex-col items-start gap-3">
        <p className="text-muted">{z.unknown[channel]}</p>
        {own && <LinkButton href="/thresholds">{t.load.toThresholds}</LinkButton>}
      </div>
    );
  const all_s = zones.reduce((sum, zone) => sum + zone.seconds, 0);
  const most = zones.reduce((best, zone) => (zone.seconds > best.seconds ? zone : best));
  const percent = (zone: ZoneTime) => `${number((100 * zone.seconds) / (all_s || 1))}\u00a0%`;
  return (
    <>
      <div className="mb-3 flex items-start justify-between gap-3">
        <p>{all_s > 0 ? z.sentence(String(most.zone), percent(most), duration(all_s)) : z.none}</p>
        <Popover
          title={z.title}
          wide
          trigger={
            <IconButton label={t.load.about(z.title)}>
              <Info size={16} aria-hidden />
            </IconButton>
          }
        >
          <FormulaCard metric={channel} formula={formulas[channel]} />
        </Popover>
      </div>
      <table className="figures w-full border-collapse">
        <thead className="sr-only">
          <tr>
            {[z.zone, z.range, z.part, z.time].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {zones.map((zone) => (
            <tr key={zone.zone}>
              <th scope="row" className="w-px py-1.5 pr-3 text-left font-medium">
                {zone.zone}
              </th>
              <td className="w-px py-1.5 pr-4 whitespace-nowrap text-muted max-sm:hidden">
                {rangeText(channel, zone, units)}
              </td>
              <td className="py-1.5">
                <span className="mb-0.5 block text-xs text-muted sm:hidden">
                  {rangeText(channel, zone, units)}
                </span>
                <div className="flex items-center gap-2">
                  <Bar share={zone.seconds / (most.seconds || 1)} />
                  <span className="w-12 shrink-0 text-right text-xs text-muted">{percent(zone)}</span>
                </div>
              </td>
              <td className="w-px py-1.5 pl-4 text-right whitespace-nowrap">{duration(zone.seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

export function rangeText(channel: ChannelName, zone: Pick<ZoneTime, "from" | "to">, units: Units): string {
  const said = (value: number) => channelValue(channel, value, units);
  if (zone.to === null) return z.from(said(zone.from));
  // A pace of nothing can't be said.
  return zone.from === 0 ? z.below(said(zone.to)) : z.between(said(zone.from), said(zone.to));
}

function Bar({ share }: { share: number }) {
  return (
    <svg aria-hidden="true" className="h-4 w-full min-w-0 rounded-sm bg-sunken" preserveAspectRatio="none">
      <rect width={`${(100 * share).toFixed(1)}%`} height="100%" className="fill-accent" />
    </svg>
  );
}
