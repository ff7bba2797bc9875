"use client";
import { words } from "@/lib/format";
import * as t from "@/texts/en";
import { Checkbox } from "@/ui/Checkbox";
import type { Permission } from "./calls";
import { areaOf, effective, grouped, toggle, toggleArea, wholeArea } from "./patterns";

const a = t.access;

type Props = {
  label: string;
  permissions: readonly Permission[];
  value: readonly string[];
  error?: string | null;
  /** What can't be chosen, because one doesn't hold it oneself. */
  may(permission: string): boolean;
  onChange(patterns: string[]): void;
};

/** All permissions by area and resource, each with what it means. */
export function PermissionPicker({ label, permissions, value, error, may, onChange }: Props) {
  const known = permissions.map(({ permission }) => permission);
  const held = new Set(effective(value, known));
  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="mb-2 text-sm font-medium">{label}</legend>
      {error && (
        <p role="alert" className="text-bad">
          {error}
        </p>
      )}
      {grouped(permissions).map(({ area, resources }) => {
        const own = known.filter((permission) => areaOf(permission) === area);
        return (
          <section key={area} aria-label={areaName(area)} className="rounded-lg border border-line">
            <header className="flex flex-wrap items-center justify-between gap-x-4 border-b border-line bg-sunken px-4 py-2">
              <h3 className="font-medium">{areaName(area)}</h3>
              {own.every(may) && (
                <Checkbox
                  label={a.picker.all}
                  checked={value.includes(wholeArea(area))}
                  onChange={() => onChange(toggleArea(value, area, known))}
                />
              )}
            </header>
            <ul className="divide-y divide-line">
              {resources.flatMap(({ items }) =>
                items.map((item) => (
                  <li key={item.permission} className="px-4 py-2">
                    <Choice
                      item={item}
                      held={held.has(item.permission)}
                      allowed={may(item.permission)}
                      onChange={() => onChange(toggle(value, item.permission, known))}
                    />
                  </li>
                )),
              )}
            </ul>
          </section>
        );
      })}
    </fieldset>
  );
}

export const areaName = (area: string) => a.areas[area] ?? words(area);

type ChoiceProps = { item: Permission; held: boolean; allowed: boolean; onChange(): void };

function Choice({ item, held, allowed, onChange }: ChoiceProps) {
  return (
    <div className="flex items-start gap-3">
      <span className="pt-0.5">
        <Checkbox
          hideLabel
          label={`${item.meaning} ${item.permission}`}
          checked={held}
          disabled={!allowed && !held}
          onChange={onChange}
        />
      </span>
      <span className={`min-w-0 ${allowed ? "" : "text-muted"}`}>
        <span className="block">{item.meaning}</span>
        <code className="block font-mono text-xs text-muted">{item.permission}</code>
        {!allowed && <span className="block text-xs text-muted">{a.picker.notYours}</span>}
      </span>
    </div>
  );
}
