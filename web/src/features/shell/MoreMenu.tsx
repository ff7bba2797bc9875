"use client";
import { Ellipsis } from "lucide-react";
import { cx } from "@/lib/classes";
import * as t from "@/texts/en";
import { Menu, MenuLink } from "@/ui/Menu";
import { Badge, barClass, type Place } from "./Navigation";

type Props = { places: readonly Place[]; current: boolean; badge: string | null };

/** The places that a phone's bar has no room for. */
export default function MoreMenu({ places, current, badge }: Props) {
  return (
    <Menu
      side="top"
      trigger={
        <button type="button" className={cx(barClass, current ? "font-medium text-accent" : "text-muted")}>
          <Ellipsis size={20} aria-hidden />
          <span className="max-w-full truncate px-1">{t.shell.more}</span>
          {badge && (
            <span className="absolute top-1 left-1/2 ml-1.5">
              <Badge text={badge} />
            </span>
          )}
        </button>
      }
    >
      {places.map(({ href, to, label, icon: Icon }) => (
        <MenuLink key={href} href={to ?? href} icon={<Icon size={17} aria-hidden />}>
          <span className="flex-1">{label}</span>
          {badge && href === "/duplicates" && <Badge text={badge} />}
        </MenuLink>
      ))}
    </Menu>
  );
}
