"use client";
import { ChevronRight } from "lucide-react";
import * as t from "@/texts/en";
import type { Terms } from "./calls";

const s = t.sources;

/** A service's terms of use in plain words: what they mean for whoever connects it. */
export function TermsOfUse({ title, terms }: { title: string; terms: Terms }) {
  return (
    <details className="group text-sm">
      <summary className="flex w-fit min-h-6 pointer-coarse:min-h-11 list-none items-center gap-1 text-muted hover:text-fg">
        <ChevronRight size={16} aria-hidden className="transition-transform group-open:rotate-90" />
        {s.terms(title)}
      </summary>
      <ul className="mt-1 mb-1 max-w-prose list-disc space-y-0.5 pl-9 text-pretty">
        <li>{s.keeps(terms.retention_days)}</li>
        <li>{s.shared(terms.share_with_others)}</li>
        <li>{s.modelled(terms.model_input)}</li>
        <li>{s.combined(terms.combine_and_analyse)}</li>
        {terms.why && <li className="text-muted">{terms.why}</li>}
      </ul>
    </details>
  );
}
