import type { Metadata } from "next";
import { Suspense } from "react";
import { ThresholdsScreen } from "@/features/thresholds/ThresholdsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.thresholds.title };

export default function Page() {
  return (
    <Suspense>
      <ThresholdsScreen />
    </Suspense>
  );
}
