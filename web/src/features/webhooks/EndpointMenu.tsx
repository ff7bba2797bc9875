"use client";
import { Ellipsis, Pause, Pencil, RotateCw, Trash2 } from "lucide-react";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import type { Endpoint } from "./calls";

const w = t.webhooks;

export type EndpointDeed = "edit" | "rotate" | "disable" | "delete";

export default function EndpointMenu({
  endpoint,
  onAsk,
}: {
  endpoint: Endpoint;
  onAsk(deed: EndpointDeed): void;
}) {
  return (
    <Menu
      trigger={
        <IconButton label={w.actions(endpoint.url)}>
          <Ellipsis size={18} aria-hidden />
        </IconButton>
      }
    >
      <MenuItem icon={<Pencil size={16} aria-hidden />} onClick={() => onAsk("edit")}>
        {w.edit}
      </MenuItem>
      <MenuItem icon={<RotateCw size={16} aria-hidden />} onClick={() => onAsk("rotate")}>
        {w.rotate}
      </MenuItem>
      {endpoint.state === "active" && (
        <MenuItem icon={<Pause size={16} aria-hidden />} onClick={() => onAsk("disable")}>
          {w.disable}
        </MenuItem>
      )}
      <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onClick={() => onAsk("delete")}>
        {w.delete}
      </MenuItem>
    </Menu>
  );
}
