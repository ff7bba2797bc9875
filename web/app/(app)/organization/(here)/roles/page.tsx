import type { Metadata } from "next";
import { RolesScreen } from "@/features/access/RolesScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.access.roles.title };

export default function Page() {
  return <RolesScreen />;
}
