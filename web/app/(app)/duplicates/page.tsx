import type { Metadata } from "next";
import { Suspense } from "react";
import { DuplicatesScreen } from "@/features/duplicates/DuplicatesScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.duplicates.title };

export default function Page() {
  return (
    <Suspense>
      <DuplicatesScreen />
    </Suspense>
  );
}
