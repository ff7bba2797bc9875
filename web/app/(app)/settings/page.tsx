import type { Metadata } from "next";
import { SettingsScreen } from "@/features/settings/SettingsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.settings.title };

export default function Page() {
  return <SettingsScreen />;
}
