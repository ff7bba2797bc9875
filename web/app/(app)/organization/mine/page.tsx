import type { Metadata } from "next";
import { MineScreen } from "@/features/organization/MineScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.organization.mine.title };

export default function Page() {
  return <MineScreen />;
}
