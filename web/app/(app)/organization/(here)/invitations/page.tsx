import type { Metadata } from "next";
import { InvitationsScreen } from "@/features/organization/InvitationsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.organization.invitations.title };

export default function Page() {
  return <InvitationsScreen />;
}
