"use client";
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { cx } from "@/lib/classes";
import { Link } from "@/lib/nav";
import { popupClass } from "./classes";

const itemClass =
  "flex min-h-9 pointer-coarse:min-h-11 w-full cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm outline-none select-none data-highlighted:bg-sunken";

type MenuProps = {
  trigger: ReactElement;
  children: ReactNode;
  side?: "top" | "bottom";
  align?: "start" | "end";
};

/** Its layer lies inside the main landmark, where assistive technology looks for content. Loaded after the page. */
export function Menu({ trigger, children, side = "bottom", align = "end" }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal container={document.getElementById("content")}>
        <Base.Positioner side={side} align={align} sideOffset={6} collisionPadding={12} className="z-50">
          <Base.Popup className={`${popupClass} max-h-(--available-height) min-w-52 overflow-y-auto p-1.5`}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

type ItemProps = { icon?: ReactNode; children: ReactNode; danger?: boolean };

/** Without `onClick` it can be read and not chosen. */
export function MenuItem({ icon, children, danger = false, onClick }: ItemProps & { onClick?(): void }) {
  return (
    <Base.Item
      className={cx(itemClass, "data-disabled:cursor-default data-disabled:text-muted", danger && "text-bad")}
      disabled={!onClick}
      onClick={onClick}
    >
      {icon}
      {children}
    </Base.Item>
  );
}

export function MenuLink({ icon, children, href }: ItemProps & { href: string }) {
  return (
    <Base.Item className={itemClass} render={<Link href={href} />}>
      {icon}
      {children}
    </Base.Item>
  );
}

/** Items that belong together, under their name. */
export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className="max-w-72 truncate px-2.5 pt-2 pb-1 text-xs text-muted">
        {label}
      </Base.GroupLabel>
      {children}
    </Base.Group>
  );
}

export function MenuChoices<T extends string>(props: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange(value: T): void;
}) {
  return (
    <Base.RadioGroup value={props.value} onValueChange={(value) => props.onChange(value as T)}>
      <Base.Group>
        <Base.GroupLabel className="px-2.5 pt-1 pb-1.5 text-xs text-muted">{props.label}</Base.GroupLabel>
        {props.options.map(([value, text]) => (
          <Base.RadioItem key={value} value={value} className={cx(itemClass, "justify-between")}>
            {text}
            <Base.RadioItemIndicator className="size-1.5 rounded-full bg-accent" />
          </Base.RadioItem>
        ))}
      </Base.Group>
    </Base.RadioGroup>
  );
}
