"use client";
import { CircleCheck, Crown, Ellipsis, LogOut, PauseCircle, UserCog, UserMinus } from "lucide-react";
import { useMay } from "@/lib/permissions";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import type { Member } from "./calls";

const m = t.organization.members;
const icon = { size: 16, "aria-hidden": true } as const;

export type Deed = "role" | "owner" | "suspend" | "resume" | "remove";

type Props = { member: Member; onAsk(deed: Deed): void };

/** What can be done about a member; nothing is done before a dialog has said what will happen. */
export default function MemberMenu({ member, onAsk }: Props) {
  const me = useMe();
  const may = useMay();
  const oneself = member.account_id === me.data?.account.id;
  const writes = may("kernel.members.write");
  const crowns =
    may("ownership.organization.transfer") && member.role !== "owner" && member.state === "active";
  if (!writes && !crowns) return null;
  return (
    <Menu
      trigger={
        <IconButton label={m.actions(member.name)}>
          <Ellipsis size={18} aria-hidden />
        </IconButton>
      }
    >
      {writes && (
        <MenuItem icon={<UserCog {...icon} />} onClick={() => onAsk("role")}>
          {m.changeRole}
        </MenuItem>
      )}
      {crowns && (
        <MenuItem icon={<Crown {...icon} />} onClick={() => onAsk("owner")}>
          {m.makeOwner}
        </MenuItem>
      )}
      {writes && !oneself && member.state === "active" && (
        <MenuItem icon={<PauseCircle {...icon} />} onClick={() => onAsk("suspend")}>
          {m.suspend}
        </MenuItem>
      )}
      {writes && member.state === "suspended" && (
        <MenuItem icon={<CircleCheck {...icon} />} onClick={() => onAsk("resume")}>
          {m.resume}
        </MenuItem>
      )}
      {writes && (
        <MenuItem
          danger
          icon={oneself ? <LogOut {...icon} /> : <UserMinus {...icon} />}
          onClick={() => onAsk("remove")}
        >
          {oneself ? m.leave : m.remove}
        </MenuItem>
      )}
    </Menu>
  );
}
