"use client";
import { useEffect } from "react";
import * as t from "@/texts/en";
import { Checkbox } from "@/ui/Checkbox";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { formOf } from "./form";
import { useTerms } from "./queries";
import type { QuestionsProps } from "./StageForm";

const s = t.onboarding;

/** The terms in full, and the box that accepts this version of them. */
export function TermsForm({ stage, progress, values, faults, onChange }: QuestionsProps) {
  const terms = useTerms();
  const before = progress.terms?.accepted ? null : progress.terms?.accepted_version;
  const fault = faults.accepted ?? faults.version;
  const { refetch } = terms;
  useEffect(() => {
    if (faults.version) void refetch();
  }, [faults.version, refetch]);
  if (terms.error) return <ProblemNotice error={terms.error} onRetry={() => void refetch()} />;
  if (!terms.data) return <div aria-busy="true" className="skeleton h-96" />;
  const { version, title, sections } = terms.data;
  return (
    <>
      {before && (
        <p role="status" className="rounded-lg border border-line bg-sunken px-4 py-3">
          {s.termsChanged(before)}
        </p>
      )}
      <section
        aria-label={s.openTerms}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-[50dvh] overflow-y-auto rounded-lg border border-line bg-bg px-4 py-3"
      >
        <h3 className="text-base font-semibold">{title}</h3>
        <p className="text-xs text-muted">{s.termsVersion(version)}</p>
        {sections.map((section) => (
          <div key={section.title} className="mt-4">
            <h4 className="font-medium">{section.title}</h4>
            {section.paragraphs.map((paragraph) => (
              <p key={paragraph} className="mt-1 max-w-prose text-pretty">
                {paragraph}
              </p>
            ))}
          </div>
        ))}
      </section>
      <div data-fault={fault ? true : undefined} className="flex flex-col gap-1.5">
        <Checkbox
          label={formOf(stage).properties.accepted?.title ?? stage.title}
          checked={values.accepted === true && values.version === version}
          onChange={(accepted) => onChange({ accepted, version })}
        />
        {fault && (
          <p role="alert" className="text-sm text-bad">
            {fault}
          </p>
        )}
      </div>
    </>
  );
}
