"use client";
import { Failure } from "@/features/organization/Failure";
import * as t from "@/texts/en";
import Confirm from "@/ui/Confirm";
import { toast } from "@/ui/toast";
import { endGrant, type Grant } from "./calls";
import { useChange } from "./queries";

const s = t.access.sharing;

/** Ends what one shares (`own`), or gives up what another shares. */
export default function EndGrant(props: { grant: Grant; own: boolean; name: string; onClose(): void }) {
  const { grant, own, name, onClose } = props;
  const end = useChange(["grants", "me"], () => endGrant(grant.id));
  return (
    <Confirm
      open
      danger
      title={own ? s.endTitle(name) : s.giveUpTitle(name)}
      text={own ? s.endText : s.giveUpText}
      action={own ? s.endAction : s.giveUpAction}
      busy={end.isPending}
      onClose={onClose}
      onConfirm={() =>
        end.mutate(undefined, {
          onSuccess: () => {
            toast(own ? s.ended(name) : s.gaveUp);
            onClose();
          },
        })
      }
    >
      <Failure error={end.error} />
    </Confirm>
  );
}
