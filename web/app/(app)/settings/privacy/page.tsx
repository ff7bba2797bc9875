import type { Metadata } from "next";
import { Suspense } from "react";
import { PrivacyScreen } from "@/features/privacy/PrivacyScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.privacy.title };

export default function Page() {
  return (
    <Suspense>
      <PrivacyScreen />
    </Suspense>
  );
}
