import type { Metadata } from "next";
import { MembersScreen } from "@/features/organization/MembersScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.organization.members.title };

export default function Page() {
  return <MembersScreen />;
}
