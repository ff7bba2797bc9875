import type { Metadata } from "next";
import { Suspense } from "react";
import { UnlockScreen } from "@/features/auth/UnlockScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.ways.unlockTitle };

export default function Page() {
  return (
    <Suspense>
      <UnlockScreen />
    </Suspense>
  );
}
