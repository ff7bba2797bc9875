"use client";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "@/ui/Button";

/** Copies a text, and says so; without a clipboard the text beside it can be selected by hand. */
export function CopyButton({ text, label, done }: { text: string; label: string; done: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <>
      <Button
        onClick={() => {
          navigator.clipboard?.writeText(text).then(
            () => setCopied(true),
            () => setCopied(false),
          );
        }}
      >
        {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        {label}
      </Button>
      <span role="status" className="sr-only">
        {copied && done}
      </span>
    </>
  );
}
