"use client";
import { Upload } from "lucide-react";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useUploads } from "./queries";
import { useBatches } from "./store";
import { BatchCard, JobCard } from "./UploadCard";
import { useFilePicker } from "./useFilePicker";
import { WhereFiles } from "./WhereFiles";

export function UploadsScreen() {
  const batches = useBatches();
  const uploads = useUploads();
  const ours = new Set(batches.map((batch) => batch.jobId));
  const earlier = (uploads.data ?? []).filter((job) => !ours.has(job.id));
  return (
    <>
      <PageHeader title={t.uploads.title} lead={t.uploads.lead} />
      <DropTarget />
      {batches.length > 0 && (
        <section aria-labelledby="now" className="mt-6 flex flex-col gap-3">
          <h2 id="now" className="text-base font-semibold">
            {t.uploads.now}
          </h2>
          {batches.map((batch) => (
            <BatchCard key={batch.id} batch={batch} />
          ))}
        </section>
      )}
      <section aria-labelledby="earlier" className="mt-8">
        <h2 id="earlier" className="mb-3 text-base font-semibold">
          {t.uploads.earlier}
        </h2>
        {uploads.isError && <ProblemNotice error={uploads.error} onRetry={() => void uploads.refetch()} />}
        {uploads.isPending && <div className="skeleton h-32 w-full" />}
        {uploads.isSuccess && earlier.length === 0 && (
          <p className="text-sm text-muted">{batches.length > 0 ? t.uploads.noneEarlier : t.uploads.none}</p>
        )}
        <div className="flex flex-col gap-3">
          {earlier.map((job) => (
            <JobCard key={job.id} known={job} />
          ))}
        </div>
        {uploads.hasNextPage && (
          <div className="mt-3">
            <Button busy={uploads.isFetchingNextPage} onClick={() => void uploads.fetchNextPage()}>
              {t.common.more}
            </Button>
          </div>
        )}
      </section>
      <WhereFiles />
    </>
  );
}

export function DropTarget() {
  const pick = useFilePicker();
  return (
    <div className="flex flex-col items-start gap-4 rounded-xl border border-dashed border-control/60 bg-surface p-6 sm:flex-row sm:items-center">
      <Upload size={22} aria-hidden className="shrink-0 text-accent" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{t.uploads.dropTitle}</p>
        <p className="text-muted">{t.uploads.dropAnywhereText}</p>
      </div>
      <Button look="primary" onClick={pick}>
        {t.uploads.choose}
      </Button>
    </div>
  );
}
