import type { Metadata } from "next";
import { Suspense } from "react";
import { ResetScreen } from "@/features/auth/ResetScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.ways.resetTitle };

export default function Page() {
  return (
    <Suspense>
      <ResetScreen />
    </Suspense>
  );
}
