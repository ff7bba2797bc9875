"use client";
import { useState } from "react";
import { isProblem } from "@/lib/api";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { TextField } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { RowTable } from "@/ui/RowTable";
import { Select } from "@/ui/Select";
import type { PlatformOrganization } from "./calls";
import {
  type OrganizationFlag,
  override,
  type Plans,
  type Quota,
  setQuota,
  useOrganizationFlags,
  usePlans,
  useQuota,
  useSwitch,
} from "./flagCalls";
import { ReasonForm } from "./ReasonForm";

const f = t.flags;
const figure = (n: number) => n.toLocaleString("en");
const CHOICES = [
  ["", f.asOthers],
  ["on", f.on],
  ["off", f.off],
] as const;

type Props = { organization: PlatformOrganization; mayLimit: boolean; maySwitch: boolean };

/** What one organization may use, and which features it has. */
export default function OrganizationSwitches({ organization, mayLimit, maySwitch }: Props) {
  const quota = useQuota(organization.id);
  const plans = usePlans();
  const flags = useOrganizationFlags(organization.id);
  const [limiting, setLimiting] = useState(false);
  const [changing, setChanging] = useState<OrganizationFlag | null>(null);
  return (
    <>
      <div className="mt-8 mb-3 flex items-center justify-between gap-3">
        <h2 className="text-base font-semibold">{f.limits}</h2>
        {mayLimit && quota.data && plans.data && (
          <Button aria-label={f.changeOf(f.limits)} onClick={() => setLimiting(true)}>
            {f.change}
          </Button>
        )}
      </div>
      <Loaded of={quota} rows={1}>
        {(found) => (
          <dl className="flex flex-wrap gap-x-8 gap-y-2 rounded-xl border border-line bg-surface px-5 py-4">
            <Fact name={f.plan} value={titleOf(plans.data, found.plan)} />
            <Fact
              name={f.requests}
              value={found.requests_a_minute === null ? f.plansFigure : figure(found.requests_a_minute)}
            />
            {Object.entries(found.actions).map(([name, most]) => (
              <Fact key={name} name={t.limits.names[name] ?? name} value={figure(most)} />
            ))}
          </dl>
        )}
      </Loaded>
      <h2 className="mt-8 mb-3 text-base font-semibold">{f.ofOrganization}</h2>
      <Loaded of={flags} rows={8}>
        {(rows) => (
          <RowTable
            label={f.ofOrganization}
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
              {
                key: "state",
                label: t.operator.state,
                value: (row) => (
                  <span className="flex flex-col items-start gap-1">
                    <Chip tone={row.enabled ? "ok" : "plain"}>{row.enabled ? f.on : f.off}</Chip>
                    {row.override !== null && <span className="text-xs text-muted">{f.own}</span>}
                  </span>
                ),
              },
            ]}
            actions={
              maySwitch
                ? {
                    label: f.actions,
                    of: (row) =>
                      row.locked ? null : (
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
      {changing && (
        <OverrideDialog organization={organization} flag={changing} onClose={() => setChanging(null)} />
      )}
      {limiting && quota.data && plans.data && (
        <QuotaDialog
          organization={organization}
          quota={quota.data}
          plans={plans.data}
          onClose={() => setLimiting(false)}
        />
      )}
    </>
  );
}

const titleOf = (plans: Plans | undefined, name: string) =>
  plans?.plans.find((plan) => plan.name === name)?.title ?? name;

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="figures">{value}</dd>
    </div>
  );
}

type OverrideProps = { organization: PlatformOrganization; flag: OrganizationFlag; onClose(): void };

function OverrideDialog({ organization, flag, onClose }: OverrideProps) {
  const [choice, setChoice] = useState(flag.override === null ? "" : flag.override ? "on" : "off");
  const run = useSwitch(["organization-flags"], f.saved(flag.name), onClose);
  return (
    <ReasonForm
      title={f.overrideTitle(flag.name, organization.name)}
      text={f.overrideText}
      action={f.save}
      busy={run.isPending}
      error={run.error}
      onSubmit={(reason) =>
        run.mutate(() => override(organization.id, flag.name, choice === "" ? null : choice === "on", reason))
      }
      onClose={onClose}
    >
      <Select
        label={f.override}
        options={CHOICES}
        value={choice}
        onChange={(event) => setChoice(event.target.value)}
      />
    </ReasonForm>
  );
}

type QuotaProps = { organization: PlatformOrganization; quota: Quota; plans: Plans; onClose(): void };

function QuotaDialog({ organization, quota, plans, onClose }: QuotaProps) {
  const [plan, setPlan] = useState(quota.plan);
  const [requests, setRequests] = useState(String(quota.requests_a_minute ?? ""));
  const [fault, setFault] = useState<string | null>(null);
  const run = useSwitch(["quota"], f.limitsSaved, onClose);
  const check = () => {
    const well = requests === "" || /^[1-9]\d{0,6}$/.test(requests);
    setFault(well ? null : f.requestsWrong);
    return well;
  };
  const chosen = plans.plans.find((one) => one.name === plan);
  const late = isProblem(run.error) && run.error.status === 412;
  return (
    <ReasonForm
      title={f.limitsTitle(organization.name)}
      text={late ? f.late : f.limitsText}
      action={f.save}
      busy={run.isPending}
      error={run.error}
      check={check}
      onSubmit={(reason) =>
        run.mutate(() =>
          setQuota(organization.id, quota.version, {
            plan,
            requests_a_minute: requests === "" ? null : Number(requests),
            actions: quota.actions,
            reason,
          }),
        )
      }
      onClose={onClose}
    >
      <Select
        label={f.plan}
        options={plans.plans.map((one) => [one.name, one.title] as const)}
        value={plan}
        onChange={(event) => setPlan(event.target.value)}
      />
      <TextField
        label={f.requests}
        hint={chosen && f.planSays(figure(chosen.requests_a_minute))}
        inputMode="numeric"
        autoComplete="off"
        value={requests}
        error={fault}
        onChange={(event) => setRequests(event.target.value.trim())}
      />
    </ReasonForm>
  );
}
