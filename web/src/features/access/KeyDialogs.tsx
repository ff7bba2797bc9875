"use client";
import { useState } from "react";
import { Failure } from "@/features/organization/Failure";
import * as t from "@/texts/en";
import Confirm from "@/ui/Confirm";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { type ApiKey, type NewApiKey, revokeKey, rotateKey } from "./calls";
import type { KeyDeed } from "./KeyMenu";
import { useChange } from "./queries";
import { SecretOnce } from "./SecretOnce";

const k = t.access.keys;
const DAY_H = "24";
type Props = { apiKey: ApiKey; onClose(): void };

/** Rotating shows the new secret before it is done. */
export default function KeyDialogs({ deed, ...props }: Props & { deed: KeyDeed }) {
  const [made, setMade] = useState<NewApiKey | null>(null);
  if (made) return <SecretOnce made={made} onClose={props.onClose} />;
  return deed === "rotate" ? <Rotate {...props} onMade={setMade} /> : <Revoke {...props} />;
}

function Rotate({ apiKey, onMade, onClose }: Props & { onMade(key: NewApiKey): void }) {
  const [hours, setHours] = useState(DAY_H);
  const rotate = useChange(["keys"], () => rotateKey(apiKey.id, Number(hours)));
  return (
    <Confirm
      open
      title={k.rotateTitle(apiKey.name)}
      text={k.rotateText}
      action={k.rotateAction}
      busy={rotate.isPending}
      onClose={onClose}
      onConfirm={() =>
        rotate.mutate(undefined, {
          onSuccess: onMade,
        })
      }
    >
      <Select
        className="mt-4"
        label={k.overlap}
        options={Object.entries(k.overlaps)}
        value={hours}
        onChange={(event) => setHours(event.target.value)}
      />
      <Failure error={rotate.error} />
    </Confirm>
  );
}

function Revoke({ apiKey, onClose }: Props) {
  const revoke = useChange(["keys"], () => revokeKey(apiKey.id));
  return (
    <Confirm
      open
      danger
      title={k.revokeTitle(apiKey.name)}
      text={k.revokeText}
      action={k.revokeAction}
      busy={revoke.isPending}
      onClose={onClose}
      onConfirm={() =>
        revoke.mutate(undefined, {
          onSuccess: () => {
            toast(k.revoked(apiKey.name));
            onClose();
          },
        })
      }
    >
      <Failure error={revoke.error} />
    </Confirm>
  );
}
