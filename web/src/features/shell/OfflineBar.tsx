"use client";
import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";
import * as t from "@/texts/en";

function subscribe(listener: () => void) {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

export function OfflineBar() {
  const online = useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
  return (
    <div role="status">
      {!online && (
        <p className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-2 text-sm text-warn">
          <WifiOff size={16} aria-hidden />
          {t.problems.offlineBar}
        </p>
      )}
    </div>
  );
}
