import type { Metadata } from "next";
import { LimitsScreen } from "@/features/settings/LimitsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.limits.title };

export default function Page() {
  return <LimitsScreen />;
}
