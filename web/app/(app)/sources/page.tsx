import type { Metadata } from "next";
import { SourcesScreen } from "@/features/sources/SourcesScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.sources.title };

export default function Page() {
  return <SourcesScreen />;
}
