import type { Metadata } from "next";
import { MyAccessScreen } from "@/features/access/MyAccessScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.access.mine.title };

export default function Page() {
  return <MyAccessScreen />;
}
