"use client";
import { useState } from "react";
import { Failure } from "@/features/organization/Failure";
import * as t from "@/texts/en";
import Confirm from "@/ui/Confirm";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { deleteEndpoint, disableEndpoint, type Endpoint, rotateSecret } from "./calls";
import EndpointForm from "./EndpointForm";
import type { EndpointDeed } from "./EndpointMenu";
import { useChange } from "./queries";
import { SecretOnce } from "./SecretOnce";

const w = t.webhooks;
const DAY_H = "24";
type Props = { endpoint: Endpoint; onClose(): void };

export default function EndpointDialogs({ deed, ...props }: Props & { deed: EndpointDeed }) {
  const [secret, setSecret] = useState<string | null>(null);
  if (secret) return <SecretOnce secret={secret} onClose={props.onClose} />;
  if (deed === "edit") return <EndpointForm {...props} />;
  if (deed === "rotate") return <Rotate {...props} onRotated={setSecret} />;
  return <Sure {...props} deed={deed} />;
}

function Rotate({ endpoint, onRotated, onClose }: Props & { onRotated(secret: string): void }) {
  const [hours, setHours] = useState(DAY_H);
  const rotate = useChange(() => rotateSecret(endpoint.id, Number(hours)));
  return (
    <Confirm
      open
      title={w.rotateTitle}
      text={w.rotateText}
      action={w.rotateAction}
      busy={rotate.isPending}
      onClose={onClose}
      onConfirm={() => rotate.mutate(undefined, { onSuccess: (made) => onRotated(made.secret) })}
    >
      <Select
        className="mt-4"
        label={w.overlap}
        options={Object.entries(w.overlaps)}
        value={hours}
        onChange={(event) => setHours(event.target.value)}
      />
      <Failure error={rotate.error} />
    </Confirm>
  );
}

function Sure({ endpoint, deed, onClose }: Props & { deed: "disable" | "delete" }) {
  const deleting = deed === "delete";
  const act = useChange<void, unknown>(() =>
    deleting ? deleteEndpoint(endpoint.id) : disableEndpoint(endpoint.id),
  );
  return (
    <Confirm
      open
      danger={deleting}
      title={deleting ? w.deleteTitle : w.disableTitle}
      text={deleting ? w.deleteText : w.disableText}
      action={deleting ? w.deleteAction : w.disableAction}
      busy={act.isPending}
      onClose={onClose}
      onConfirm={() =>
        act.mutate(undefined, {
          onSuccess: () => {
            toast(deleting ? w.deleted : w.disabledDone);
            onClose();
          },
        })
      }
    >
      <p className="mt-3 font-mono text-xs break-all">{endpoint.url}</p>
      <Failure error={act.error} />
    </Confirm>
  );
}
