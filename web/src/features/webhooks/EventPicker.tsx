"use client";
import { areaName } from "@/features/access/PermissionPicker";
import * as t from "@/texts/en";
import { Checkbox } from "@/ui/Checkbox";
import type { EventType } from "./calls";
import { contains, grouped, toggle, toggleArea, wholeArea } from "./events";

const f = t.webhooks.form;

type Props = {
  types: readonly EventType[];
  value: readonly string[];
  error?: string | null;
  onChange(patterns: string[]): void;
};

/** All types of events by area, each with what it tells. */
export function EventPicker({ types, value, error, onChange }: Props) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="sr-only">{t.webhooks.events}</legend>
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
      {grouped(types).map(([area, own]) => (
        <section key={area} aria-label={areaName(area)} className="rounded-lg border border-line">
          <header className="flex flex-wrap items-center justify-between gap-x-4 border-b border-line bg-sunken px-4 py-2">
            <h3 className="font-medium">{areaName(area)}</h3>
            {own.every((type) => type.available && !type.by_name_only) && (
              <Checkbox
                label={f.all}
                checked={value.includes(wholeArea(area)) || value.includes("*")}
                disabled={value.includes("*")}
                onChange={() => onChange(toggleArea(value, area, types))}
              />
            )}
          </header>
          <ul className="divide-y divide-line">
            {own.map((type) => {
              const held = contains(value, type);
              return (
                <li key={type.type} className="flex items-start gap-3 px-4 py-2">
                  <span className="pt-0.5">
                    <Checkbox
                      hideLabel
                      label={`${type.title} ${type.type}`}
                      checked={held}
                      disabled={!type.available && !held}
                      onChange={() => onChange(toggle(value, type, types))}
                    />
                  </span>
                  <span className="min-w-0">
                    <span className="block">{type.title}</span>
                    <code className="block font-mono text-xs break-all text-muted">{type.type}</code>
                    {!type.available && <span className="block text-xs text-muted">{f.notYours}</span>}
                    {type.by_name_only && <span className="block text-xs text-muted">{f.byName}</span>}
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </fieldset>
  );
}
