"use client";
import { Download } from "lucide-react";
import { useState } from "react";
import { useAction } from "@/lib/action";
import { share, useJob } from "@/lib/job";
import * as t from "@/texts/en";
import { Button, buttonClass } from "@/ui/Button";
import { Choices } from "@/ui/Choices";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Progress } from "@/ui/Progress";
import { type ExportFormat, startExport } from "./calls";
import { type Filters, queryOf } from "./filters";

const x = t.audit.export;

/** Has the present selection written to a file, with its progress; the file is then a link. */
export default function ExportDialog({ filters, onClose }: { filters: Filters; onClose(): void }) {
  const [format, setFormat] = useState<ExportFormat>("csv");
  const [jobId, setJobId] = useState<string | null>(null);
  const start = useAction(() => startExport(format, queryOf(filters)), { onSuccess: setJobId });
  const { job, ended, error } = useJob(jobId);
  const url = (job?.result as { url?: string } | null)?.url;
  const failed = ended && job?.state !== "succeeded";
  return (
    <Dialog open title={x.title} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-muted">
          {x.text} {Object.keys(filters).length > 0 ? x.filtered : x.everything}
        </p>
        {jobId === null || failed ? (
          <>
            <Choices
              label={x.format}
              value={format}
              options={[
                ["csv", x.csv],
                ["jsonl", x.jsonl],
              ]}
              onChange={(next) => setFormat(next)}
            />
            {failed && (
              <p role="alert" className="text-bad">
                {x.failed}
              </p>
            )}
            {start.error !== null && <ProblemNotice error={start.error} />}
            <div className="flex flex-wrap justify-end gap-2">
              <Button onClick={onClose}>{t.common.cancel}</Button>
              <Button look="primary" busy={start.pending} onClick={() => void start.start(undefined)}>
                {x.start}
              </Button>
            </div>
          </>
        ) : (
          <>
            {error && <ProblemNotice error={error} />}
            <p role="status">{url ? x.ready : x.working}</p>
            {!ended && <Progress label={x.working} value={share(job)} />}
            {url && (
              <a href={url} download className={`${buttonClass("primary")} w-fit`}>
                <Download size={16} aria-hidden />
                {x.download}
              </a>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}
