"use client";
import { Download, Printer } from "lucide-react";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { CopyButton } from "./CopyButton";

const s = t.security.codes;

/** The recovery codes, this once. Only its button closes it: a slip of the finger would lose them. */
export default function CodesDialog({ codes, onClose }: { codes: readonly string[]; onClose(): void }) {
  const text = `${s.file(window.location.host)}\n\n${codes.join("\n")}\n`;
  return (
    <Dialog open kept onClose={onClose} title={s.title}>
      <div className="flex flex-col gap-4">
        <p className="text-pretty text-muted">{s.text}</p>
        <ul
          data-print={s.file(window.location.host)}
          aria-label={s.list}
          className="grid grid-cols-2 gap-x-6 gap-y-2 rounded-lg border border-line bg-sunken p-4 text-center font-mono text-base select-all"
        >
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className="flex flex-wrap gap-2">
          <CopyButton text={codes.join("\n")} label={s.copy} done={s.copied} />
          <Button onClick={() => save(text)}>
            <Download size={16} aria-hidden />
            {s.download}
          </Button>
          <Button onClick={() => window.print()}>
            <Printer size={16} aria-hidden />
            {s.print}
          </Button>
        </div>
        <Button look="primary" className="self-end" onClick={onClose}>
          {s.kept}
        </Button>
      </div>
    </Dialog>
  );
}

function save(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = s.fileName;
  link.click();
  URL.revokeObjectURL(address);
}
