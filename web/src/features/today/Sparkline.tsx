"use client";
import { useMemo } from "react";
import type { LoadDay } from "@/features/load/calls";
import { sparkline } from "@/features/load/plots";
import { number } from "@/lib/format";
import * as t from "@/texts/en";
import { PlotCanvas } from "@/ui/PlotCanvas";

/** The line beside the figure; its values stand on the page of load. */
export default function Sparkline({ days }: { days: readonly LoadDay[] }) {
  const plot = useMemo(() => sparkline(days), [days]);
  const forms = days.flatMap(({ tsb }) => (tsb == null ? [] : [tsb]));
  return (
    <PlotCanvas
      plot={plot}
      label={t.today.form.line(number(Math.min(...forms)), number(Math.max(...forms)))}
    />
  );
}
