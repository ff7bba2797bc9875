"use client";
import { lazy, Suspense, useState } from "react";
import { dateName } from "@/features/load/dates";
import { useMay } from "@/lib/permissions";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import type { Profile, Threshold } from "./calls";
import { isLifelong, KINDS, nameOf, type SingleKind, shownValue } from "./kinds";

const SetDialog = lazy(() => import("./SetDialog"));

const h = t.thresholds;

type Props = { profile: Profile; all: readonly Threshold[] };

/** What holds today, and since when. */
export function InForce({ profile, all }: Props) {
  const { units } = usePreferences();
  const mayChange = useMay()("fitness.workouts.write");
  const [setting, setSetting] = useState<SingleKind | null>(null);
  const sinceOf = (kind: SingleKind) =>
    all
      .filter((one) => one.kind === kind && one.valid_from <= profile.date)
      .map((one) => one.valid_from)
      .sort()
      .at(-1);
  return (
    <Card title={h.inForce} flush>
      <ul className="divide-y divide-line border-t border-line">
        {KINDS.map((kind) => {
          const value = profile[kind];
          const name = nameOf(kind);
          const since = sinceOf(kind);
          return (
            <li key={kind} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
              <div className="min-w-0 flex-1 basis-full sm:basis-56">
                <h3 className="font-medium">{name}</h3>
                <p className="text-pretty text-muted">{h.meaning[kind]}</p>
              </div>
              <p className="figures mr-auto sm:mr-0 sm:text-right">
                {value === null ? (
                  <span className="text-muted">{h.none}</span>
                ) : (
                  <span className="text-base font-semibold">{shownValue(kind, value, units)}</span>
                )}
                {value !== null && !isLifelong(kind) && since && (
                  <span className="block text-xs text-muted">{h.since(dateName(since))}</span>
                )}
              </p>
              {mayChange && (
                <Button
                  className="w-24"
                  aria-label={value === null ? h.setOf(name) : h.changeOf(name)}
                  onClick={() => setSetting(kind)}
                >
                  {value === null ? h.set : h.change}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <Suspense>
        {setting && <SetDialog kind={setting} value={profile[setting]} onClose={() => setSetting(null)} />}
      </Suspense>
    </Card>
  );
}
