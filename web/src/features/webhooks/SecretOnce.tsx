"use client";
import { useState } from "react";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Choices } from "@/ui/Choices";
import { Copyable } from "@/ui/Copyable";
import { Dialog } from "@/ui/Dialog";
import { SAMPLES } from "./samples";

const s = t.webhooks.secret;

/** The signing secret, for the only time, with how to use it. */
export function SecretOnce({ secret, onClose }: { secret: string; onClose(): void }) {
  const [language, setLanguage] = useState(SAMPLES[0]?.[0] ?? "");
  const [copied, setCopied] = useState("");
  const code = SAMPLES.find(([name]) => name === language)?.[2] ?? "";
  return (
    <Dialog open kept title={s.title} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p>{s.text}</p>
        <Copyable label={s.label} value={secret} />
        <section aria-label={s.how} className="flex flex-col gap-2">
          <h3 className="font-medium">{s.how}</h3>
          <Choices
            label={s.language}
            hideLabel
            value={language}
            options={SAMPLES.map(([name, title]) => [name, title] as const)}
            onChange={setLanguage}
          />
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
            tabIndex={0}
            className="overflow-x-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-5"
          >
            {code}
          </pre>
          <div>
            <Button onClick={() => void navigator.clipboard.writeText(code).then(() => setCopied(language))}>
              {copied === language ? s.copied : s.copy}
            </Button>
          </div>
          <p className="text-sm text-muted">{s.more}</p>
        </section>
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            {s.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
