import { WorkoutScreen } from "@/features/workout/WorkoutScreen";

/** One file answers for every id: the server maps `/workouts/<id>` to it, and the screen reads the address. */
export const generateStaticParams = () => [{ id: "_" }];

export default function Page() {
  return <WorkoutScreen />;
}
