import type { Metadata } from "next";
import { Suspense } from "react";
import { ForgotScreen } from "@/features/auth/ForgotScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.ways.forgotTitle };

export default function Page() {
  return (
    <Suspense>
      <ForgotScreen />
    </Suspense>
  );
}
