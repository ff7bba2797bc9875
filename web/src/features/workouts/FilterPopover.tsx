"use client";
import { SlidersHorizontal } from "lucide-react";
import type { WorkoutQuery } from "@/lib/api";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Popover } from "@/ui/Popover";
import { FilterForm } from "./FilterForm";

type Props = { query: WorkoutQuery; onChange(change: Record<string, string>): void };

export default function FilterPopover({ query, onChange }: Props) {
  const { units } = usePreferences();
  const f = t.workouts.filters;
  return (
    <Popover
      title={f.title}
      wide
      trigger={
        <Button>
          <SlidersHorizontal size={16} aria-hidden />
          {f.title}
        </Button>
      }
    >
      <FilterForm query={query} units={units} onChange={onChange} />
    </Popover>
  );
}
