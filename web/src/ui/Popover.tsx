"use client";
import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";
import { popupClass } from "./classes";

type Props = {
  trigger: ReactElement;
  title: string;
  hideTitle?: boolean;
  content?: ReactNode;
  children: ReactNode;
  wide?: boolean;
};

/** `trigger` is the element that opens it (a button), `content` what stands in it unless it has children. */
export function Popover({ trigger, title, hideTitle = false, content, children, wide = false }: Props) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger}>{content}</Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={8} collisionPadding={12} align="start" className="z-50">
          <Base.Popup
            className={`${popupClass} max-h-(--available-height) overflow-y-auto p-4 ${wide ? "w-96" : "w-80"} max-w-(--available-width)`}
          >
            <Base.Title className={hideTitle ? "sr-only" : "mb-3 text-sm font-semibold"}>{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
