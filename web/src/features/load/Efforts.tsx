"use client";
import { lazy, Suspense } from "react";
import { useQueryState } from "@/lib/nav";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { Choices } from "@/ui/Choices";
import { Loaded } from "@/ui/Loaded";
import type { ChannelName, Window } from "./calls";
import { useCurves } from "./queries";

const EffortCurve = lazy(() => import("./EffortCurve"));

const c = t.load.curves;
const CHANNELS = ["power_w", "speed_mps", "heart_rate_bpm"] as const satisfies readonly ChannelName[];

/** The best efforts of a time by how long they were held. */
export function Efforts({ window }: { window: Window }) {
  const [address, setAddress] = useQueryState();
  const curves = useCurves(window);
  const data = curves.data?.data;
  const wanted = CHANNELS.find((one) => one === address.best);
  const channel = wanted ?? CHANNELS.find((one) => (data?.[one]?.length ?? 0) > 0) ?? "power_w";
  return (
    <Card
      title={c.title}
      lead={c.lead}
      actions={
        <Choices
          label={c.channel}
          hideLabel
          value={channel}
          options={CHANNELS.map((one) => [one, c.channels[one]])}
          onChange={(best) => setAddress({ best })}
        />
      }
    >
      <Loaded of={curves}>
        {({ data: all, meta }) => {
          const efforts = all[channel] ?? [];
          return efforts.length === 0 ? (
            <p className="text-muted">{c.none}</p>
          ) : (
            <Suspense fallback={<div className="skeleton h-72 w-full" />}>
              <EffortCurve channel={channel} efforts={efforts} formula={meta.formulas[channel]} />
            </Suspense>
          );
        }}
      </Loaded>
    </Card>
  );
}
