import type { Metadata } from "next";
import { Suspense } from "react";
import { ArrivedScreen } from "@/features/auth/ArrivedScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.ways.arriving };

export default function Page() {
  return (
    <Suspense>
      <ArrivedScreen />
    </Suspense>
  );
}
