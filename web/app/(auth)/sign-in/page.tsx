import type { Metadata } from "next";
import { Suspense } from "react";
import { SignInScreen } from "@/features/auth/SignInScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.auth.signInTitle };

export default function Page() {
  return (
    <Suspense>
      <SignInScreen />
    </Suspense>
  );
}
