"use client";
import { dateName } from "@/features/load/dates";
import { useMay } from "@/lib/permissions";
import { usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { RowTable } from "@/ui/RowTable";
import { removeThreshold, type Threshold } from "./calls";
import { isLifelong, nameOf, shownValue } from "./kinds";
import { useChange } from "./queries";

const h = t.thresholds;

/** All that was set, each with its day; what is wrong can be taken back. */
export function History({ all }: { all: readonly Threshold[] }) {
  const { units } = usePreferences();
  const mayChange = useMay()("fitness.workouts.write");
  const remove = useChange(removeThreshold, () => [h.removed]);
  const since = (one: Threshold) => (isLifelong(one.kind) ? h.ever : dateName(one.valid_from));
  if (all.length === 0) return null;
  return (
    <section aria-labelledby="history">
      <h2 id="history" className="text-base font-semibold">
        {h.history}
      </h2>
      <p className="mt-0.5 mb-3 text-muted">{h.historyLead}</p>
      {remove.error && (
        <div className="mb-3">
          <ProblemNotice error={remove.error} />
        </div>
      )}
      <RowTable
        label={h.history}
        rows={all}
        keyOf={(one) => one.id}
        columns={[
          {
            key: "kind",
            label: h.kind,
            value: (one) => <span className="font-medium">{nameOf(one.kind)}</span>,
          },
          {
            key: "value",
            label: h.valueColumn,
            value: (one) => <span className="figures">{shownValue(one.kind, one.value, units)}</span>,
          },
          {
            key: "from",
            label: h.fromColumn,
            named: true,
            value: (one) => <span className="figures">{since(one)}</span>,
          },
          {
            key: "origin",
            label: h.origin,
            named: true,
            value: (one) => h.origins[one.origin] ?? one.origin,
          },
        ]}
        actions={
          mayChange
            ? {
                label: h.actions,
                of: (one) => (
                  <Button
                    look="quiet"
                    aria-label={h.removeOf(nameOf(one.kind), since(one))}
                    busy={remove.isPending && remove.variables.id === one.id}
                    onClick={() => remove.mutate(one)}
                  >
                    {h.remove}
                  </Button>
                ),
              }
            : undefined
        }
      />
    </section>
  );
}
