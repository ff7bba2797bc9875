"use client";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import * as t from "@/texts/en";
import { Button } from "./Button";

/** A text to be taken elsewhere: it can be marked, and copied by a button that says it did. */
export function Copyable({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <input
        readOnly
        aria-label={label}
        value={value}
        onFocus={(event) => event.target.select()}
        className="min-h-9 min-w-0 flex-1 basis-60 rounded-md border border-line bg-sunken px-3 font-mono text-sm"
      />
      <Button
        onClick={() => {
          void navigator.clipboard.writeText(value).then(() => setCopied(true));
        }}
      >
        {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        {copied ? t.common.copied : t.common.copy}
      </Button>
      <span role="status" className="sr-only">
        {copied && t.common.copied}
      </span>
    </div>
  );
}
