import type { Metadata } from "next";
import { Suspense } from "react";
import { CalendarScreen } from "@/features/calendar/CalendarScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.calendar.title };

export default function Page() {
  return (
    <Suspense>
      <CalendarScreen />
    </Suspense>
  );
}
