import type { Metadata } from "next";
import { ExportsScreen } from "@/features/exports/ExportsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.exports.title };

export default function Page() {
  return <ExportsScreen />;
}
