import type { Metadata } from "next";
import { UploadsScreen } from "@/features/uploads/UploadsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.uploads.title };

export default function Page() {
  return <UploadsScreen />;
}
