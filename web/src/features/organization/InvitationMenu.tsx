"use client";
import { Ban, Copy, Ellipsis, Send } from "lucide-react";
import { isProblem } from "@/lib/api";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import { type Invitation, resendInvitation } from "./calls";
import { useHere, useOrganizationChange } from "./queries";

const i = t.organization.invitations;

type Props = { invitation: Invitation; onRevoke(): void };

export default function InvitationMenu({ invitation, onRevoke }: Props) {
  const here = useHere();
  const resend = useOrganizationChange(() => resendInvitation(here, invitation.id));
  const copy = () =>
    void navigator.clipboard
      .writeText(invitation.email)
      .then(() => toast(i.copied(invitation.email), { text: i.whereMail(invitation.email) }));
  const sendAgain = () =>
    resend.mutate(undefined, {
      onSuccess: () => toast(i.resent(invitation.email), { text: i.whereMail(invitation.email) }),
      onError: (error) => toast(isProblem(error) ? error.message : t.problems.serverTitle),
    });
  return (
    <Menu
      trigger={
        <IconButton label={i.actions(invitation.email)} busy={resend.isPending}>
          <Ellipsis size={18} aria-hidden />
        </IconButton>
      }
    >
      <MenuItem icon={<Send size={16} aria-hidden />} onClick={sendAgain}>
        {i.resend}
      </MenuItem>
      <MenuItem icon={<Copy size={16} aria-hidden />} onClick={copy}>
        {i.copy}
      </MenuItem>
      {invitation.state === "pending" && (
        <MenuItem danger icon={<Ban size={16} aria-hidden />} onClick={onRevoke}>
          {i.revoke}
        </MenuItem>
      )}
    </Menu>
  );
}
