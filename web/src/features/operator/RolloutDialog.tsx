"use client";
import { useState } from "react";
import * as t from "@/texts/en";
import { TextField } from "@/ui/Field";
import { type Flag, rollOut, useSwitch } from "./flagCalls";
import { ReasonForm } from "./ReasonForm";

const f = t.flags;

export default function RolloutDialog({ flag, onClose }: { flag: Flag; onClose(): void }) {
  const [share, setShare] = useState(flag.percent === null ? "" : String(flag.percent));
  const [fault, setFault] = useState<string | null>(null);
  const run = useSwitch(["flags", "organization-flags"], f.saved(flag.name), onClose);
  const check = () => {
    const well = share === "" || (/^\d{1,3}$/.test(share) && Number(share) <= 100);
    setFault(well ? null : f.shareWrong);
    return well;
  };
  return (
    <ReasonForm
      title={f.shareTitle(flag.name)}
      text={f.shareText}
      action={f.save}
      busy={run.isPending}
      error={run.error}
      check={check}
      onSubmit={(reason) => run.mutate(() => rollOut(flag.name, share === "" ? null : Number(share), reason))}
      onClose={onClose}
    >
      <TextField
        label={f.share}
        hint={f.shareHint}
        inputMode="numeric"
        autoComplete="off"
        value={share}
        error={fault}
        onChange={(event) => setShare(event.target.value.trim())}
      />
    </ReasonForm>
  );
}
