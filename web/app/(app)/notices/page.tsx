import type { Metadata } from "next";
import { NoticesScreen } from "@/features/notices/NoticesScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.notices.title };

export default function Page() {
  return <NoticesScreen />;
}
