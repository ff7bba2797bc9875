import type { Metadata } from "next";
import { PrecedenceScreen } from "@/features/precedence/PrecedenceScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.precedence.title };

export default function Page() {
  return <PrecedenceScreen />;
}
