"use client";
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { beingAsked } from "@/lib/step-up";
import * as t from "@/texts/en";
import { buttonClass } from "./Button";
import { backdropClass, popupClass } from "./classes";

type Props = {
  open: boolean;
  onClose(): void;
  title: string;
  /** Closed by its own buttons alone: what it shows is shown once. */
  kept?: boolean;
  children: ReactNode;
};

/** A dialog in the middle, a sheet from below on a phone. */
export function Dialog({ open, onClose, title, kept = false, children }: Props) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && !kept && !beingAsked() && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={backdropClass} />
        <Base.Viewport className="fixed inset-0 z-50 flex items-end justify-center p-0 sm:items-center sm:p-4">
          <Base.Popup
            className={`${popupClass} flex max-h-[88dvh] w-full max-w-lg flex-col max-sm:rounded-b-none max-sm:pb-[env(safe-area-inset-bottom)]`}
          >
            <div className="flex items-center justify-between gap-4 min-h-13 border-b border-line py-2 pr-2 pl-5">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              {!kept && (
                <Base.Close className={buttonClass("quiet", true)} aria-label={t.common.close}>
                  <X size={18} aria-hidden />
                </Base.Close>
              )}
            </div>
            <div className="overflow-y-auto p-5">{children}</div>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
