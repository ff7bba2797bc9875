"use client";
import { Download } from "lucide-react";
import { useAction } from "@/lib/action";
import { bytes, deviceDay, deviceMoment } from "@/lib/format";
import { share } from "@/lib/job";
import { useMay } from "@/lib/permissions";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { Button, buttonClass } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Progress } from "@/ui/Progress";
import { type Export, startExport, startOrganizationExport } from "./calls";
import { underWay, useAgain, useExports } from "./queries";

const x = t.privacy.export;

/** Starts exports, shows how far they are, and hands them out while they are kept. */
export function ExportCard() {
  const me = useMe();
  const may = useMay();
  const exports = useExports();
  const again = useAgain();
  const mine = useAction(startExport, { onSuccess: again });
  const theirs = useAction(() => startOrganizationExport(me.data?.organization.id ?? ""), {
    onSuccess: again,
  });
  const error = mine.error ?? theirs.error;
  return (
    <Card title={x.title} lead={x.lead}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-2">
          <Button look="primary" busy={mine.pending} onClick={() => void mine.start(undefined)}>
            {x.start}
          </Button>
          {may("kernel.privacy.export") && (
            <Button busy={theirs.pending} onClick={() => void theirs.start(undefined)}>
              {x.organization}
            </Button>
          )}
        </div>
        {error !== null && <ProblemNotice error={error} />}
        <Loaded of={exports} rows={1}>
          {(found) =>
            found.length === 0 ? (
              <p className="text-sm text-muted">{x.none}</p>
            ) : (
              <ul aria-label={x.list} className="divide-y divide-line rounded-lg border border-line">
                {found.map((one) => (
                  <Row key={one.id} one={one} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Card>
  );
}

function Row({ one }: { one: Export }) {
  const failed = one.state === "failed" || one.state === "cancelled";
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 p-3">
      <div className="min-w-0 grow">
        <p className="text-sm font-medium">
          {one.scope === "person" ? x.mine : x.theirs}
          {one.bytes !== null && <span className="font-normal text-muted"> · {bytes(one.bytes)}</span>}
        </p>
        <p role={underWay(one) ? "status" : undefined} className="text-sm text-muted">
          {underWay(one) ? x.working : failed ? x.failed : x.made(deviceMoment(one.created_at))}
          {one.url && <> · {x.until(deviceDay(one.expires_at))}</>}
        </p>
        {underWay(one) && (
          <div className="mt-2">
            <Progress label={x.working} value={share(one)} />
          </div>
        )}
      </div>
      {one.url && (
        <a href={one.url} download className={buttonClass("primary")}>
          <Download size={16} aria-hidden />
          {x.download}
        </a>
      )}
    </li>
  );
}
