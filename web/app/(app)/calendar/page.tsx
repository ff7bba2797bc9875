import type { Metadata } from "next";
import { CalendarScreen } from "@/features/calendar/CalendarScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.calendar.title };

export default function Page() {
  return <CalendarScreen />;
}
