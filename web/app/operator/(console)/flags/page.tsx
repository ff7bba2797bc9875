import type { Metadata } from "next";
import { FlagsScreen } from "@/features/operator/FlagsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.flags.title };

export default function Page() {
  return <FlagsScreen />;
}
