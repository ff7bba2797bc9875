import type { Metadata } from "next";
import { Suspense } from "react";
import { MagicScreen } from "@/features/auth/MagicScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.ways.linkTitle };

export default function Page() {
  return (
    <Suspense>
      <MagicScreen />
    </Suspense>
  );
}
