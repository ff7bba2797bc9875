import type { Metadata } from "next";
import { AthletesScreen } from "@/features/athletes/AthletesScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.athletes.title };

export default function Page() {
  return <AthletesScreen />;
}
