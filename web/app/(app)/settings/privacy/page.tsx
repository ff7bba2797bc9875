import type { Metadata } from "next";
import { PrivacyScreen } from "@/features/privacy/PrivacyScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.privacy.title };

export default function Page() {
  return <PrivacyScreen />;
}
