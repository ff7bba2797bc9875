import { words } from "@/lib/format";
import * as t from "@/texts/en";
import { Chip } from "@/ui/Chip";
import { RowTable } from "@/ui/RowTable";
import type { PlatformOrganizationDetail } from "./calls";

const o = t.operator;

/** What is left of an organization's changes of state, and what each step failed at last. */
export const UnfinishedSteps = ({ steps }: { steps: PlatformOrganizationDetail["unfinished_steps"] }) => (
  <section className="mb-6">
    <h2 className="mb-3 text-base font-semibold">{o.steps}</h2>
    <RowTable
      label={o.steps}
      rows={steps}
      keyOf={(row) => `${row.transition} ${row.step}`}
      columns={[
        { key: "step", label: o.step, value: (row) => <code className="font-mono">{row.step}</code> },
        { key: "transition", label: o.change, value: (row) => words(row.transition) },
        {
          key: "state",
          label: o.state,
          value: (row) => (
            <Chip tone={row.state === "failed" ? "bad" : "plain"}>{o.stepStates[row.state]}</Chip>
          ),
        },
        { key: "error", label: o.error, named: true, value: (row) => row.error ?? "" },
      ]}
    />
  </section>
);
