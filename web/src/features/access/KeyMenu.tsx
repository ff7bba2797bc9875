"use client";
import { Ban, Ellipsis, RotateCw } from "lucide-react";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";

const k = t.access.keys;

export type KeyDeed = "rotate" | "revoke";

export default function KeyMenu({ name, onAsk }: { name: string; onAsk(deed: KeyDeed): void }) {
  return (
    <Menu
      trigger={
        <IconButton label={k.actions(name)}>
          <Ellipsis size={18} aria-hidden />
        </IconButton>
      }
    >
      <MenuItem icon={<RotateCw size={16} aria-hidden />} onClick={() => onAsk("rotate")}>
        {k.rotate}
      </MenuItem>
      <MenuItem danger icon={<Ban size={16} aria-hidden />} onClick={() => onAsk("revoke")}>
        {k.revoke}
      </MenuItem>
    </Menu>
  );
}
