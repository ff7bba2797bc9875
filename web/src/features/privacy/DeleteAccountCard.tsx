"use client";
import { lazy, Suspense, useState } from "react";
import { useAction } from "@/lib/action";
import { deviceDay } from "@/lib/format";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { keepAccount } from "./calls";
import { DELETION, useAgain, useDeletion } from "./queries";

const DeleteAccountDialog = lazy(() => import("./DeleteAccountDialog"));
const d = t.privacy.delete;
const DAY_MS = 86_400_000;

const daysUntil = (iso: string) => Math.ceil((Date.parse(iso) - Date.now()) / DAY_MS);

/** Asks for the end of the account; while it waits, says until when and keeps the account after all. */
export function DeleteAccountCard() {
  const deletion = useDeletion();
  const again = useAgain(DELETION);
  const [asking, setAsking] = useState(false);
  const keep = useAction(keepAccount, { onSuccess: again });
  return (
    <Card title={deletion.data ? d.waitingTitle : d.title} lead={deletion.data ? undefined : d.lead}>
      <Loaded of={deletion} rows={1}>
        {(waiting) =>
          waiting ? (
            <div className="flex flex-col items-start gap-3">
              <p role="status">
                {d.waiting(deviceDay(waiting.erased_at), d.left(daysUntil(waiting.erased_at)))}
              </p>
              {keep.error !== null && <ProblemNotice error={keep.error} />}
              <Button look="primary" busy={keep.pending} onClick={() => void keep.start(undefined)}>
                {d.keep}
              </Button>
            </div>
          ) : (
            <Button onClick={() => setAsking(true)}>
              <span className="text-bad">{d.action}</span>
            </Button>
          )
        }
      </Loaded>
      <Suspense>
        {asking && (
          <DeleteAccountDialog
            onClose={() => {
              setAsking(false);
              again();
            }}
          />
        )}
      </Suspense>
    </Card>
  );
}
