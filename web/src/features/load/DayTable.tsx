import * as t from "@/texts/en";
import { type Column, DataTable } from "@/ui/DataTable";
import type { LoadDay } from "./calls";
import { dateName } from "./dates";
import { figure } from "./form";

const l = t.load;

/** What the charts of form show, the newest day first. */
export function DayTable({ days }: { days: readonly LoadDay[] }) {
  const columns: Column<LoadDay>[] = [
    { key: "day", label: l.form.day, value: (day) => dateName(day.date) },
    ...(["tss", "ctl", "atl", "tsb"] as const).map((metric) => ({
      key: metric,
      label: l.names[metric] ?? metric,
      value: (day: LoadDay) => figure(day[metric]),
    })),
  ];
  return (
    <DataTable label={l.form.title} columns={columns} rows={days.toReversed()} keyOf={(day) => day.date} />
  );
}
