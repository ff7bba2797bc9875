"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import * as t from "@/texts/en";
import Confirm from "@/ui/Confirm";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { getHoldings, type Holdings, startDeletion, type Target } from "./deletion";

type Props = { target: Target; onBegun(jobId: string): void; onClose(): void };

/** Says what goes and what stays before anything does. */
export default function DeleteDialog({ target, onBegun, onClose }: Props) {
  const holdings = useQuery({
    queryKey: ["holdings", target.kind, target.id],
    queryFn: () => getHoldings(target),
    staleTime: 0,
  });
  const deletion = useMutation({ mutationFn: () => startDeletion(target), onSuccess: onBegun });
  const problem = deletion.error ?? holdings.error;
  return (
    <Confirm
      open
      danger
      title={target.kind === "upload" ? t.uploads.deleteTitle : t.uploads.deleteFileTitle(target.name)}
      text={target.kind === "upload" ? t.uploads.deleteText : t.uploads.deleteFileText}
      action={t.uploads.delete}
      busy={deletion.isPending}
      onConfirm={() => deletion.mutate()}
      onClose={onClose}
    >
      {holdings.data ? (
        <ul className="mt-3 list-disc space-y-1 pl-5 text-sm">
          {lines(holdings.data).map(([text, goes]) => (
            <li key={text} className={goes ? "font-medium" : undefined}>
              {text}
            </li>
          ))}
        </ul>
      ) : (
        holdings.isPending && <div className="skeleton mt-3 h-16 w-full" />
      )}
      {problem && (
        <div className="mt-4">
          <ProblemNotice
            error={problem}
            onRetry={deletion.error ? undefined : () => void holdings.refetch()}
          />
        </div>
      )}
    </Confirm>
  );
}

/** Each with whether it tells of what goes. */
function lines({ files, kept, workouts, alone, measurements }: Holdings): [string, boolean][] {
  const stay = workouts - alone;
  return [
    ...(files > 0 ? [[t.uploads.goFiles(files), true] as [string, boolean]] : []),
    ...(alone > 0 ? [[t.uploads.goWorkouts(alone), true] as [string, boolean]] : []),
    ...(measurements > 0 ? [[t.uploads.goMeasurements(measurements), true] as [string, boolean]] : []),
    ...(stay > 0 ? [[t.uploads.stayWorkouts(stay), false] as [string, boolean]] : []),
    ...(kept > 0 ? [[t.uploads.stayFiles(kept), false] as [string, boolean]] : []),
    ...(files + kept === 0 ? [[t.uploads.goNothing, false] as [string, boolean]] : []),
  ];
}
