import type { Metadata } from "next";
import { Suspense } from "react";
import { VerifyScreen } from "@/features/auth/VerifyScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.auth.codeTitle };

export default function Page() {
  return (
    <Suspense>
      <VerifyScreen />
    </Suspense>
  );
}
