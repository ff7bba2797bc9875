import type { Metadata } from "next";
import { HealthScreen } from "@/features/operator/HealthScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.operator.health.title };

export default function Page() {
  return <HealthScreen />;
}
