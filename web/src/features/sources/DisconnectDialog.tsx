"use client";
import * as t from "@/texts/en";
import Confirm from "@/ui/Confirm";
import { ProblemNotice } from "@/ui/ProblemNotice";
import type { Source, SourceDetail } from "./calls";
import { useSourceAction } from "./queries";

const s = t.sources;

type Props = { source: Source; title: string; detail: SourceDetail | undefined; onClose(): void };

/** Says what goes and what stays before anything does. */
export default function DisconnectDialog({ source, title, detail, onClose }: Props) {
  const disconnect = useSourceAction("disconnect", title);
  const stay = detail ? detail.workouts - detail.alone : 0;
  return (
    <Confirm
      open
      danger
      title={s.disconnectTitle(title)}
      text={s.disconnectText(title)}
      action={s.disconnect}
      busy={disconnect.isPending}
      onConfirm={() => disconnect.mutate(source.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      {detail ? (
        <ul className="mt-3 list-disc space-y-1 pl-5 text-sm">
          <li className={detail.alone > 0 ? "font-medium" : undefined}>{s.goes(detail.alone)}</li>
          {stay > 0 && <li>{s.stays(stay)}</li>}
        </ul>
      ) : (
        <div className="skeleton mt-3 h-5 w-full" />
      )}
      {disconnect.error && (
        <div className="mt-4">
          <ProblemNotice error={disconnect.error} />
        </div>
      )}
    </Confirm>
  );
}
