"use client";
import { useMemo } from "react";
import { isProblem } from "@/lib/api/problem";
import { deviceZone, setPreferences, type Theme, usePreferences } from "@/lib/preferences";
import { useAccountPreferences, useSetAccountPreferences, zoneChoices } from "@/lib/preferences/account";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { Choices } from "@/ui/Choices";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Select } from "@/ui/Select";
import { Switch } from "@/ui/Switch";

const s = t.settings;

export function SettingsScreen() {
  return (
    <>
      <PageHeader title={s.title} lead={s.lead} />
      <div className="flex max-w-xl flex-col gap-5">
        <OfAccount />
        <OfBrowser />
      </div>
    </>
  );
}

/** What goes with the account to every device, and into what it is told by mail. */
function OfAccount() {
  const preferences = useAccountPreferences();
  const set = useSetAccountPreferences();
  const faults = isProblem(set.error) ? set.error.fields : {};
  return (
    <Card title={s.account} lead={s.accountLead}>
      <Loaded of={preferences} rows={2}>
        {(said) => (
          <div className="flex flex-col gap-6">
            <Choices
              label={s.units}
              value={said.units}
              options={[
                ["metric", s.metric],
                ["imperial", s.imperial],
              ]}
              error={faults.units}
              onChange={(units) => set.mutate({ ...said, units })}
            />
            <HomeZone
              value={said.timezone ?? ""}
              otherwise={
                said.organization_timezone
                  ? s.organizationZone(said.organization_timezone)
                  : s.deviceZone(deviceZone())
              }
              error={faults.timezone}
              onChange={(zone) => set.mutate({ ...said, timezone: zone || null })}
            />
            {set.error !== null && Object.keys(faults).length === 0 && <ProblemNotice error={set.error} />}
          </div>
        )}
      </Loaded>
    </Card>
  );
}

type ZoneProps = { value: string; otherwise: string; error?: string; onChange(zone: string): void };

function HomeZone({ value, otherwise, error, onChange }: ZoneProps) {
  const zones = useMemo(() => [["", otherwise] as const, ...zoneChoices(value)], [value, otherwise]);
  return (
    <Select
      label={s.homeZone}
      hint={s.homeZoneHint}
      options={zones}
      value={value}
      error={error}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** What is kept in this browser. */
function OfBrowser() {
  const preferences = usePreferences();
  return (
    <Card title={s.browser}>
      <div className="flex flex-col gap-6">
        <Choices
          label={s.theme}
          value={preferences.theme}
          options={Object.entries(t.shell.themes) as [Theme, string][]}
          onChange={(theme) => setPreferences({ theme })}
        />
        <Choices
          label={s.zone}
          value={preferences.zone}
          options={[
            ["workout", s.zoneWorkout],
            ["home", s.zoneHome],
          ]}
          onChange={(zone) => setPreferences({ zone })}
        />
        <Switch
          label={s.singleKeys}
          hint={s.singleKeysHint}
          checked={preferences.singleKeys}
          onChange={(singleKeys) => setPreferences({ singleKeys })}
        />
      </div>
    </Card>
  );
}
