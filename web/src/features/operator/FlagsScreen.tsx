"use client";
import { lazy, Suspense, useState } from "react";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import { type Flag, useFlags } from "./flagCalls";
import { useOperator } from "./queries";

const RolloutDialog = lazy(() => import("./RolloutDialog"));
const f = t.flags;

/** Every feature flag over all organizations. */
export function FlagsScreen() {
  const flags = useFlags();
  const operator = useOperator();
  const [changing, setChanging] = useState<Flag | null>(null);
  const may = operator.data?.permissions.includes("platform.flags.write") ?? false;
  return (
    <>
      <PageHeader title={f.title} lead={f.lead} />
      <Loaded of={flags} rows={8}>
        {(rows) => (
          <RowTable
            label={f.table}
            rows={rows}
            keyOf={(row) => row.name}
            columns={[
              {
                key: "name",
                label: f.feature,
                value: (row) => (
                  <span className="block min-w-0">
                    <code className="block font-mono font-medium">{row.name}</code>
                    <span className="block text-pretty text-muted">{row.meaning}</span>
                  </span>
                ),
              },
              { key: "state", label: f.state, value: (row) => <OnFor flag={row} /> },
            ]}
            actions={
              may
                ? {
                    label: f.actions,
                    of: (row) =>
                      row.locked || !row.shared ? null : (
                        <Button aria-label={f.changeOf(row.name)} onClick={() => setChanging(row)}>
                          {f.change}
                        </Button>
                      ),
                  }
                : undefined
            }
          />
        )}
      </Loaded>
      <Suspense>{changing && <RolloutDialog flag={changing} onClose={() => setChanging(null)} />}</Suspense>
    </>
  );
}

function OnFor({ flag }: { flag: Flag }) {
  const percent = flag.percent ?? ((flag.environment ?? flag.default) ? 100 : 0);
  const why = flag.percent !== null ? f.byShare : flag.environment !== null ? f.byEnvironment : f.byDefault;
  return (
    <span className="flex flex-col items-start gap-1">
      <Chip tone={percent === 0 ? "plain" : percent === 100 ? "ok" : "accent"}>
        {percent === 0 ? f.nobody : percent === 100 ? f.everybody : f.percent(percent)}
      </Chip>
      <span className="text-xs text-muted">{flag.locked ? f.fixed : flag.shared ? why : f.single}</span>
    </span>
  );
}
