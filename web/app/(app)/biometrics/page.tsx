import type { Metadata } from "next";
import { BodyScreen } from "@/features/body/BodyScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.body.title };

export default function Page() {
  return <BodyScreen />;
}
