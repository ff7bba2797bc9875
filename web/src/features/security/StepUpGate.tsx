"use client";
import { lazy, Suspense, useEffect, useState } from "react";
import { useNavigate } from "@/lib/nav";
import { answerStepUp, onEnrolmentDue } from "@/lib/step-up";

const StepUpDialog = lazy(() => import("./StepUpDialog"));
const PAGE = "/settings/security";

/** Answers, for every page, what the API asks of the person: a fresh proof, or a second factor to be set up first. */
export function StepUpGate() {
  const navigate = useNavigate();
  const [settle, setSettle] = useState<((proved: boolean) => void) | null>(null);
  useEffect(
    () =>
      answerStepUp(
        () =>
          new Promise((resolve) => {
            const before = document.activeElement;
            setSettle(() => (proved: boolean) => {
              setSettle(null);
              // What opens next gives the focus back to where it was before this question.
              requestAnimationFrame(() => {
                if (before instanceof HTMLElement) before.focus();
                resolve(proved);
              });
            });
          }),
      ),
    [],
  );
  useEffect(
    () =>
      onEnrolmentDue(() => {
        const { pathname, search } = window.location;
        if (pathname === PAGE) return;
        navigate.replace(`${PAGE}?${new URLSearchParams({ demanded: "1", next: pathname + search })}`);
      }),
    [navigate],
  );
  if (!settle) return null;
  return (
    <Suspense>
      <StepUpDialog onSettled={settle} />
    </Suspense>
  );
}
