import type { Metadata } from "next";
import { SecurityScreen } from "@/features/security/SecurityScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.security.title };

export default function Page() {
  return <SecurityScreen />;
}
