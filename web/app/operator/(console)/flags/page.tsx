import type { Metadata } from "next";
import { Suspense } from "react";
import { FlagsScreen } from "@/features/operator/FlagsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.flags.title };

export default function Page() {
  return (
    <Suspense>
      <FlagsScreen />
    </Suspense>
  );
}
