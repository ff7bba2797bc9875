"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { provePasskey } from "@/features/auth/passkey";
import { passkeysKnown } from "@/features/auth/webauthn";
import { getMfa, type Proof } from "@/features/security/calls";
import { ProofForm } from "@/features/security/ProofForm";
import { strongestFirst } from "@/features/security/ways";
import { useAction } from "@/lib/action";
import { sessionEnded } from "@/lib/api";
import { useJob } from "@/lib/job";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Choices } from "@/ui/Choices";
import { Dialog } from "@/ui/Dialog";
import { Loaded } from "@/ui/Loaded";
import { Progress } from "@/ui/Progress";
import { deleteAccount } from "./calls";

const d = t.privacy.delete;

/** Says what goes, asks when, and for a proof; what was asked for at once is followed to its certificate. */
export default function DeleteAccountDialog({ onClose }: { onClose(): void }) {
  const [when, setWhen] = useState<"later" | "now">("later");
  const [jobId, setJobId] = useState<string | null>(null);
  const mfa = useQuery({ queryKey: ["security", "mfa"], queryFn: getMfa, staleTime: 0 });
  const remove = useAction(
    async (proof: Proof | "passkey") =>
      deleteAccount(proof === "passkey" ? { passkey: await provePasskey() } : proof, when === "now"),
    { onSuccess: ({ job_id }) => (when === "now" ? setJobId(job_id) : onClose()) },
  );
  if (jobId !== null) return <Going jobId={jobId} />;
  return (
    <Dialog open title={d.dialogTitle} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <ul className="flex list-disc flex-col gap-1 pl-5 text-muted">
          {d.what.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <Choices
          label={d.when}
          value={when}
          options={[
            ["later", d.later],
            ["now", d.now],
          ]}
          onChange={(next) => setWhen(next === "now" ? "now" : "later")}
        />
        <p className="text-sm text-muted">{when === "now" ? d.nowHint : d.laterHint}</p>
        <p>{d.prove}</p>
        <Loaded of={mfa} rows={1}>
          {({ step_up }) => {
            const [by] = strongestFirst(step_up, passkeysKnown());
            return by ? <ProofForm key={by} by={by} action={remove} /> : <p role="alert">{d.none}</p>;
          }}
        </Loaded>
        <div className="flex justify-end border-t border-line pt-4">
          <Button onClick={onClose}>{t.common.cancel}</Button>
        </div>
      </div>
    </Dialog>
  );
}

/** The session has ended by now; its last right is to see this job, whose result is the certificate. */
function Going({ jobId }: { jobId: string }) {
  const { job, ended } = useJob(jobId);
  const certificate = (job?.result as { certificate?: unknown } | null)?.certificate;
  const leave = () => {
    sessionEnded();
    window.location.assign("/");
  };
  const save = () => {
    const url = URL.createObjectURL(
      new Blob([JSON.stringify(certificate, null, 2)], { type: "application/json" }),
    );
    const link = Object.assign(document.createElement("a"), {
      href: url,
      download: "erasure-certificate.json",
    });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Dialog open title={d.goneTitle} onClose={leave}>
      <div className="flex flex-col gap-4">
        <p role="status">{d.goneText}</p>
        {!ended && <Progress label={d.goneTitle} value={null} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={leave}>{d.leave}</Button>
          <Button look="primary" disabled={certificate === undefined} onClick={save}>
            {d.certificate}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
