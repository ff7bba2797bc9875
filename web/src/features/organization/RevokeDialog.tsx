"use client";
import * as t from "@/texts/en";
import Confirm from "@/ui/Confirm";
import { toast } from "@/ui/toast";
import { type Invitation, revokeInvitation } from "./calls";
import { Failure } from "./Failure";
import { useHere, useOrganizationChange } from "./queries";

const i = t.organization.invitations;

export default function RevokeDialog({ invitation, onClose }: { invitation: Invitation; onClose(): void }) {
  const here = useHere();
  const revoke = useOrganizationChange(() => revokeInvitation(here, invitation.id));
  const start = () =>
    revoke.mutate(undefined, {
      onSuccess: () => {
        toast(i.revoked(invitation.email));
        onClose();
      },
    });
  return (
    <Confirm
      open
      danger
      title={i.revokeTitle(invitation.email)}
      text={i.revokeText}
      action={i.revokeAction}
      busy={revoke.isPending}
      onConfirm={start}
      onClose={onClose}
    >
      <Failure error={revoke.error} />
    </Confirm>
  );
}
