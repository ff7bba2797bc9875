import type { Metadata } from "next";
import { ChoicesScreen } from "@/features/notices/ChoicesScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.noticeChoices.title };

export default function Page() {
  return <ChoicesScreen />;
}
