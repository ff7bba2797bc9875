"use client";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Copyable } from "@/ui/Copyable";
import { Dialog } from "@/ui/Dialog";
import type { NewApiKey } from "./calls";

const k = t.access.keys;

/** The secret of a key, for the only time. */
export function SecretOnce({ made, onClose }: { made: NewApiKey; onClose(): void }) {
  return (
    <Dialog open title={k.onceTitle} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p>{k.onceText}</p>
        <Copyable label={k.onceLabel} value={made.key} />
        <p className="text-muted">
          {k.onceUse} <code className="font-mono text-xs">Authorization: Bearer …</code>
        </p>
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            {k.onceDone}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
