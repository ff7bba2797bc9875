"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as t from "@/texts/en";
import { toast } from "@/ui/toast";
import { change, type PlatformOrganization, type Transition } from "./calls";
import { ReasonForm } from "./ReasonForm";

const o = t.operator;
const SAID = {
  provision: [o.provisionTitle, o.provisionText, o.provision],
  suspend: [o.suspendTitle, o.suspendText, o.suspend],
  resume: [o.resumeTitle, o.resumeText, o.resume],
  restore: [o.restoreTitle, o.restoreText, o.restore],
} as const;

type Props = { organization: PlatformOrganization; transition: Transition; onClose(): void };

export default function ChangeDialog({ organization, transition, onClose }: Props) {
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: (reason: string) => change(organization.id, transition, reason),
    onSuccess: (changed) => {
      client.setQueryData(["platform-organization", organization.id], changed);
      for (const key of ["platform", "platform-figures", "platform-accounts"])
        void client.invalidateQueries({ queryKey: [key] });
      toast(o.done(changed.name, (o.states[changed.state] ?? "").toLowerCase()));
      onClose();
    },
  });
  const [title, text, action] = SAID[transition];
  return (
    <ReasonForm
      title={title(organization.name)}
      text={text}
      action={action.replace("…", "")}
      danger={transition === "suspend"}
      busy={run.isPending}
      error={run.error}
      onSubmit={(reason) => run.mutate(reason)}
      onClose={onClose}
    />
  );
}
