import type { Metadata } from "next";
import { Suspense } from "react";
import { SignUpScreen } from "@/features/auth/SignUpScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.auth.signUpTitle };

export default function Page() {
  return (
    <Suspense>
      <SignUpScreen />
    </Suspense>
  );
}
