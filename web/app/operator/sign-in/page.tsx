import type { Metadata } from "next";
import { Suspense } from "react";
import { OperatorSignInScreen } from "@/features/operator/SignInScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.operator.signInTitle };

export default function Page() {
  return (
    <Suspense>
      <OperatorSignInScreen />
    </Suspense>
  );
}
