import type { Metadata } from "next";
import { PlatformOrganizationScreen } from "@/features/operator/OrganizationScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.operator.product };

/** One file answers for every id: the server maps `/operator/organizations/<id>` to it, and the screen reads the address. */
export const generateStaticParams = () => [{ id: "_" }];

export default function Page() {
  return <PlatformOrganizationScreen />;
}
