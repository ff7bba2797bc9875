import type { Metadata } from "next";
import { ThresholdsScreen } from "@/features/thresholds/ThresholdsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.thresholds.title };

export default function Page() {
  return <ThresholdsScreen />;
}
