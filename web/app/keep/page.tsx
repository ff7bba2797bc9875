import type { Metadata } from "next";
import { Suspense } from "react";
import { KeepScreen } from "@/features/privacy/KeepScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.privacy.keep.title };

export default function Page() {
  return (
    <Suspense>
      <KeepScreen />
    </Suspense>
  );
}
