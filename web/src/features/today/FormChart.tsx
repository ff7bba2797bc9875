"use client";
import type { LoadDay } from "@/features/load/calls";
import { DayTable } from "@/features/load/DayTable";
import { FormPanels } from "@/features/load/FormPanels";

/** Loaded after the page, with the library that draws. */
export default function FormChart({ days, asTable }: { days: readonly LoadDay[]; asTable: boolean }) {
  return asTable ? <DayTable days={days} /> : <FormPanels days={days} compact />;
}
