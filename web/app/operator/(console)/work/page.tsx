import type { Metadata } from "next";
import { WorkScreen } from "@/features/operator/WorkScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.operatorWork.title };

export default function Page() {
  return <WorkScreen />;
}
