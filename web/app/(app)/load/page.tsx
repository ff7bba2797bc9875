import type { Metadata } from "next";
import { LoadScreen } from "@/features/load/LoadScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.load.title };

export default function Page() {
  return <LoadScreen />;
}
