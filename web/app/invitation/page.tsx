import type { Metadata } from "next";
import { Suspense } from "react";
import { InvitationScreen } from "@/features/organization/InvitationScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.organization.accept.title };

export default function Page() {
  return (
    <Suspense>
      <InvitationScreen />
    </Suspense>
  );
}
