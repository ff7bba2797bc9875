import type { Metadata } from "next";
import { Suspense } from "react";
import { SetUpScreen } from "@/features/operator/SetUpScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.operator.setUp.title };

export default function Page() {
  return (
    <Suspense>
      <SetUpScreen />
    </Suspense>
  );
}
