import type { Metadata } from "next";
import { Suspense } from "react";
import { RestoreScreen } from "@/features/organization/RestoreScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.organization.restore.title };

export default function Page() {
  return (
    <Suspense>
      <RestoreScreen />
    </Suspense>
  );
}
