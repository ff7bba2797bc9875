"use client";
import { useId } from "react";
import * as t from "@/texts/en";
import { Checkbox } from "@/ui/Checkbox";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import type { Preference } from "./calls";
import { usePreferences, useSetPreference } from "./queries";

const c = t.noticeChoices;

/** How one wants to be told of what. */
export function ChoicesScreen() {
  const preferences = usePreferences();
  const set = useSetPreference();
  return (
    <>
      <PageHeader title={c.title} lead={c.lead} />
      <div className="max-w-3xl">
        <Loaded of={preferences} rows={8}>
          {(all) => (
            <ul
              aria-label={c.list}
              className="divide-y divide-line rounded-xl border border-line bg-surface text-sm"
            >
              {all.map((one) => (
                <Choice key={one.kind} preference={one} onChange={(said) => set.mutate(said)} />
              ))}
            </ul>
          )}
        </Loaded>
        {set.error && (
          <div className="mt-4">
            <ProblemNotice error={set.error} />
          </div>
        )}
      </div>
    </>
  );
}

type Props = { preference: Preference; onChange(said: Preference): void };

function Choice({ preference, onChange }: Props) {
  const id = useId();
  const { title, meaning, in_app, mail, always } = preference;
  return (
    <li className="px-5 py-4">
      {/* biome-ignore lint/a11y/useSemanticElements: a legend can't stand beside its fields */}
      <div role="group" aria-labelledby={id} className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <p id={id} className="font-medium">
            {title}
          </p>
          <p className="mt-0.5 text-pretty text-muted">{meaning}</p>
          {always && <p className="mt-0.5 text-pretty text-muted">{c.always}</p>}
        </div>
        <div className="flex gap-5">
          <Checkbox
            label={c.inApp}
            checked={in_app}
            disabled={always}
            onChange={(checked) => onChange({ ...preference, in_app: checked })}
          />
          <Checkbox
            label={c.mail}
            checked={mail}
            disabled={always}
            onChange={(checked) => onChange({ ...preference, mail: checked })}
          />
        </div>
      </div>
    </li>
  );
}
