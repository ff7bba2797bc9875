import type { Metadata } from "next";
import { DuplicatesScreen } from "@/features/duplicates/DuplicatesScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.duplicates.title };

export default function Page() {
  return <DuplicatesScreen />;
}
