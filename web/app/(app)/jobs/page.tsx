import type { Metadata } from "next";
import { JobsScreen } from "@/features/jobs/JobsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.jobs.title };

export default function Page() {
  return <JobsScreen />;
}
