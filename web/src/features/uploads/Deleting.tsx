"use client";
import { lazy, Suspense } from "react";
import { share } from "@/lib/job";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import type { Deletion } from "./deletion";
import { Step } from "./Step";

const DeleteDialog = lazy(() => import("./DeleteDialog"));

type Props = { deletion: Deletion };

export function DeleteButton({ deletion: { ask, of } }: Props) {
  if (!of) return null;
  return (
    <Button look="quiet" onClick={() => ask({ kind: "upload", id: of.id })}>
      {t.uploads.delete}
    </Button>
  );
}

/** How far a deletion is, or why it has ended in vain. */
export function Deleting({ deletion: { job } }: Props) {
  if (job?.state === "failed")
    return (
      <p role="alert" className="text-sm text-bad">
        {t.uploads.deletionFailed(job.error?.detail)}
      </p>
    );
  return <Step text={t.uploads.deleting(job?.done ?? 0, job?.total ?? null)} value={share(job)} />;
}

export function AskedToDelete({ deletion: { asked, leave, begun } }: Props) {
  if (!asked) return null;
  return (
    <Suspense>
      <DeleteDialog target={asked} onBegun={(jobId) => begun(asked, jobId)} onClose={leave} />
    </Suspense>
  );
}
