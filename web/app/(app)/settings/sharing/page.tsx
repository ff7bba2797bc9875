import type { Metadata } from "next";
import { SharingScreen } from "@/features/access/SharingScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.access.sharing.title };

export default function Page() {
  return <SharingScreen />;
}
