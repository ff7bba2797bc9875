import type { Metadata } from "next";
import { TodayScreen } from "@/features/today/TodayScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.today.title };

export default function Page() {
  return <TodayScreen />;
}
