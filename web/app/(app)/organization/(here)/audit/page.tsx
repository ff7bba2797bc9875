import type { Metadata } from "next";
import { AuditScreen } from "@/features/audit/AuditScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.audit.title };

export default function Page() {
  return <AuditScreen />;
}
