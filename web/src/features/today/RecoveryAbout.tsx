"use client";
import { Info } from "lucide-react";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Popover } from "@/ui/Popover";

const r = t.today.recovery;

/** How what is usual is told, what a score is, and what none of it is. */
export default function About({ usual, disclaimer }: { usual: string; disclaimer: string }) {
  return (
    <Popover
      title={r.title}
      wide
      trigger={
        <IconButton label={t.load.about(r.title)}>
          <Info size={16} aria-hidden />
        </IconButton>
      }
    >
      <div className="flex flex-col gap-2 text-sm text-muted">
        <p className="text-pretty">{r.how(usual)}</p>
        <p className="text-pretty">{r.scored}</p>
        <p className="text-pretty">{disclaimer}</p>
      </div>
    </Popover>
  );
}
