import type { Metadata } from "next";
import { OnboardingScreen } from "@/features/onboarding/OnboardingScreen";
import * as t from "@/texts/en";

export const metadata: Metadata = { title: t.onboarding.title };

export default function Page() {
  return <OnboardingScreen />;
}
