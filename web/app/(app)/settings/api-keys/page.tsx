import type { Metadata } from "next";
import { KeysScreen } from "@/features/access/KeysScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.access.keys.title };

export default function Page() {
  return <KeysScreen />;
}
