import type { Metadata } from "next";
import { PlatformScreen } from "@/features/operator/PlatformScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.operator.product };

export default function Page() {
  return <PlatformScreen />;
}
