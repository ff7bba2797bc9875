"use client";
import { Ellipsis, Split, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useDelete, useMerge, useSplit } from "@/features/workouts/queries";
import type { WorkoutDetail } from "@/lib/api";
import { useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";

const Confirm = lazy(() => import("@/ui/Confirm"));
/** Split and delete: both leave this page, and both say before what they will do. */
export default function WorkoutActions({ workout }: { workout: WorkoutDetail }) {
  const [asking, setAsking] = useState<"split" | "delete" | null>(null);
  const { split, remove, merge } = useActions(workout, () => setAsking(null));
  const p = t.workouts.page;
  const close = () => setAsking(null);
  return (
    <>
      <Menu
        trigger={
          <IconButton label={p.actions} look="secondary">
            <Ellipsis size={18} aria-hidden />
          </IconButton>
        }
      >
        {workout.sources.length > 1 && (
          <MenuItem icon={<Split size={16} aria-hidden />} onClick={() => setAsking("split")}>
            {p.split}
          </MenuItem>
        )}
        <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onClick={() => setAsking("delete")}>
          {p.delete}
        </MenuItem>
      </Menu>
      <Suspense>
        <Confirm
          open={asking === "split"}
          title={p.splitTitle}
          text={p.splitText(workout.sources.length)}
          action={p.splitAction}
          busy={split.isPending}
          onConfirm={split.run}
          onClose={close}
        >
          <Failure error={split.error} />
        </Confirm>
        <Confirm
          danger
          open={asking === "delete"}
          title={p.deleteTitle}
          text={p.deleteText}
          action={p.deleteAction}
          busy={remove.isPending}
          onConfirm={remove.run}
          onClose={close}
        >
          <Failure error={remove.error} />
        </Confirm>
      </Suspense>
      <Failure error={merge.error} />
    </>
  );
}

function Failure({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <div className="mt-4">
      <ProblemNotice error={error} />
    </div>
  );
}

function useActions(workout: WorkoutDetail, onDone: () => void) {
  const navigate = useNavigate();
  const split = useSplit();
  const merge = useMerge();
  const remove = useDelete();
  const leave = () => {
    onDone();
    navigate.to("/workouts");
  };
  const unite = (ids: string[]) =>
    merge.mutate(ids, {
      onSuccess: (united) => {
        toast(t.workouts.combined);
        navigate.to(`/workouts/${united.id}`);
      },
    });
  const runSplit = () =>
    split.mutate(workout.id, {
      onSuccess: ({ workout_ids }) => {
        leave();
        toast(t.workouts.page.splitDone(workout_ids.length), { onAction: () => unite(workout_ids) });
      },
    });
  const runRemove = () =>
    remove.mutate(workout.id, {
      onSuccess: () => {
        leave();
        toast(t.workouts.page.deleted);
      },
    });
  return { split: { ...split, run: runSplit }, remove: { ...remove, run: runRemove }, merge };
}
