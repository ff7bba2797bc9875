import type { Metadata } from "next";
import { OrganizationSettingsScreen } from "@/features/organization/SettingsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.organization.settings.title };

export default function Page() {
  return <OrganizationSettingsScreen />;
}
