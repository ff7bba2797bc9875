"use client";
import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { ReactNode } from "react";
import { beingAsked } from "@/lib/step-up";
import * as t from "@/texts/en";
import { Button } from "./Button";
import { backdropClass, popupClass } from "./classes";

type Props = {
  open: boolean;
  title: string;
  text: string;
  action: string;
  danger?: boolean;
  busy?: boolean;
  children?: ReactNode;
  onConfirm(): void;
  onClose(): void;
};

/** Says what will happen before it happens; the focus starts on the harmless button. */
export default function Confirm({
  open,
  title,
  text,
  action,
  danger = false,
  busy = false,
  children,
  onConfirm,
  onClose,
}: Props) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && !busy && !beingAsked() && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdropClass} />
        <AlertDialog.Viewport className="fixed inset-0 z-50 flex items-end justify-center p-4 sm:items-center">
          <AlertDialog.Popup className={`${popupClass} w-full max-w-md p-5`}>
            <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
            <AlertDialog.Description className="mt-2 text-sm text-muted">{text}</AlertDialog.Description>
            {children}
            <div className="mt-5 flex flex-wrap justify-end gap-2">
              <Button onClick={onClose}>{t.common.cancel}</Button>
              <Button look={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm}>
                {action}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
