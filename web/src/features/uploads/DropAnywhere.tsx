"use client";
import { Upload } from "lucide-react";
import { useEffect, useState } from "react";
import * as t from "@/texts/en";
import { useTakeFiles } from "./useFilePicker";

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Files may be dropped on any page; a veil says so while they hover. */
export function DropAnywhere() {
  const take = useTakeFiles();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hover = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    // Leaving the window names nothing that is entered. Pairs of enter and leave can't be counted: of an element that
    // goes away under the pointer nobody hears the leave.
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      take([...(event.dataTransfer?.files ?? [])]);
    };
    const listeners = { dragenter: hover, dragover: hover, dragleave: leave, drop };
    for (const [name, listener] of Object.entries(listeners))
      window.addEventListener(name as "drop", listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        window.removeEventListener(name as "drop", listener);
    };
  }, [take]);
  if (!over) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-60 flex items-center justify-center bg-bg/85 p-4">
      <div className="flex w-full max-w-xl flex-col items-center gap-2 rounded-2xl border-2 border-dashed border-accent bg-surface p-12 text-center">
        <Upload size={28} aria-hidden className="text-accent" />
        <p className="text-xl font-semibold">{t.uploads.dropAnywhere}</p>
        <p className="text-muted">{t.uploads.dropAnywhereText}</p>
      </div>
    </div>
  );
}
