"use client";
import { lazy, Suspense, useState } from "react";
import { useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { useMerge, useSplit } from "./queries";

const Confirm = lazy(() => import("@/ui/Confirm"));
const MOST = 10;

/** What can be done with the selected rows. */
export function SelectionBar({ ids, onClear }: { ids: string[]; onClear(): void }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const merge = useMerge();
  const split = useSplit();
  if (ids.length === 0) return null;
  const fits = ids.length >= 2 && ids.length <= MOST;
  const combine = () =>
    merge.mutate(ids, {
      onSuccess: (workout) => {
        setAsking(false);
        onClear();
        toast(t.workouts.combined, {
          action: t.common.undo,
          onAction: () => split.mutate(workout.id, { onSuccess: () => navigate.to("/workouts") }),
        });
        navigate.to(`/workouts/${workout.id}`);
      },
    });
  return (
    <section
      aria-label={t.workouts.selected(ids.length)}
      className="fixed inset-x-4 bottom-4 z-20 mx-auto flex w-fit max-w-[calc(100%-2rem)] flex-wrap items-center gap-3 rounded-xl border border-line bg-surface py-2 pr-2 pl-4 shadow-float max-md:bottom-[calc(4.25rem+env(safe-area-inset-bottom))] md:left-60"
    >
      <p role="status" className="figures">
        {t.workouts.selected(ids.length)}
        {!fits && <span className="text-muted max-sm:hidden"> · {t.workouts.combineHint}</span>}
      </p>
      <Button look="primary" disabled={!fits} onClick={() => setAsking(true)}>
        {t.workouts.combine}
      </Button>
      <Button look="quiet" onClick={onClear}>
        {t.workouts.clearSelection}
      </Button>
      <Suspense>
        <Confirm
          open={asking}
          title={t.workouts.combineTitle(ids.length)}
          text={t.workouts.combineText}
          action={t.workouts.combine}
          busy={merge.isPending}
          onConfirm={combine}
          onClose={() => setAsking(false)}
        >
          {merge.error && (
            <div className="mt-4">
              <ProblemNotice error={merge.error} />
            </div>
          )}
        </Confirm>
      </Suspense>
    </section>
  );
}
