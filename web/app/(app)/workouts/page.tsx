import type { Metadata } from "next";
import { WorkoutsScreen } from "@/features/workouts/WorkoutsScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.workouts.title };

export default function Page() {
  return <WorkoutsScreen />;
}
