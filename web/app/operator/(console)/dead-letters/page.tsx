import type { Metadata } from "next";
import { DeadLettersScreen } from "@/features/operator/DeadLettersScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.operatorWork.deadTitle };

export default function Page() {
  return <DeadLettersScreen />;
}
