"use client";
import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { cx } from "@/lib/classes";
import * as t from "@/texts/en";
import { buttonClass } from "./Button";
import { popupClass } from "./classes";
import type { ToastOptions } from "./toast";

const manager = Toast.createToastManager();

/** Adds a toast; called through `toast()`, which loads this file. */
export function add(title: string, { text, action, onAction }: ToastOptions): void {
  const id = manager.add({
    title,
    description: text,
    timeout: onAction ? 12_000 : 6_000,
    actionProps: onAction && {
      children: action ?? t.common.undo,
      onClick: () => {
        manager.close(id);
        onAction();
      },
    },
  });
}

export default function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 left-4 z-60 flex flex-col gap-2 max-md:top-16 max-md:bottom-auto sm:left-auto sm:w-96">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

/** The newest come first; the older of many make room, on a phone sooner. */
function List() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((item) => (
    <Toast.Root
      key={item.id}
      toast={item}
      data-toast
      className={cx(popupClass, "data-limited:hidden max-md:nth-[n+3]:hidden")}
    >
      <Toast.Content className="flex items-center gap-3 py-2 pr-2 pl-4">
        <div className="min-w-0 flex-1">
          <Toast.Title className="text-sm font-medium" />
          <Toast.Description className="text-sm text-muted" />
        </div>
        {item.actionProps && <Toast.Action className={buttonClass("secondary")} />}
        <Toast.Close className={buttonClass("quiet", true)} aria-label={t.common.dismiss}>
          <X size={16} aria-hidden />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
