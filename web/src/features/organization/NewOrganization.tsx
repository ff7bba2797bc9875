"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { switchAccount } from "@/lib/accounts";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { createOrganization, type OwnOrganization } from "./calls";
import { useOrganizations } from "./queries";

const c = t.organization.create;

export default function NewOrganization({ onClose }: { onClose(): void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [made, setMade] = useState<OwnOrganization | null>(null);
  const create = useAction(createOrganization, {
    onSuccess: (organization) => {
      setMade(organization);
      void client.invalidateQueries({ queryKey: ["me"] });
      void client.invalidateQueries({ queryKey: ["organizations"] });
    },
  });
  if (made) return <Made organization={made} onClose={onClose} />;
  const refused = isProblem(create.error) ? create.error.fields.name : undefined;
  return (
    <Dialog open title={c.title} onClose={onClose}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setFault(name.trim() ? null : c.nameMissing);
          if (name.trim() && !create.pending) void create.start(name.trim());
        }}
      >
        <p className="text-muted">{c.lead}</p>
        <TextField
          label={c.name}
          maxLength={100}
          autoComplete="organization"
          value={name}
          error={fault ?? refused}
          onChange={(event) => setName(event.target.value)}
        />
        {create.error !== null && !refused && <ProblemNotice error={create.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" busy={create.pending}>
            {c.action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Made({ organization: made, onClose }: { organization: OwnOrganization; onClose(): void }) {
  const organization = useOrganizations().data?.find(({ id }) => id === made.id) ?? made;
  const ready = organization.state === "active";
  const go = useAction(() => switchAccount(organization.account_id, "/organization/members"));
  return (
    <Dialog open title={c.title} onClose={onClose}>
      <p role="status">{ready ? c.done(organization.name) : c.soon(organization.name)}</p>
      {go.error !== null && (
        <div className="mt-4">
          <ProblemNotice error={go.error} />
        </div>
      )}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.common.close}</Button>
        {ready && (
          <Button look="primary" busy={go.pending} onClick={() => void go.start(undefined)}>
            {c.go}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
