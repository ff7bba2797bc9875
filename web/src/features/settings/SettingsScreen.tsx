"use client";
import { useMemo } from "react";
import { deviceZone, setPreferences, type Theme, usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { Choices } from "@/ui/Choices";
import { PageHeader } from "@/ui/PageHeader";
import { Select } from "@/ui/Select";
import { Switch } from "@/ui/Switch";

const s = t.settings;

export function SettingsScreen() {
  const preferences = usePreferences();
  const zones = useMemo(
    () => [
      ["", s.deviceZone(deviceZone())] as const,
      ...Intl.supportedValuesOf("timeZone").map((zone) => [zone, zone] as const),
    ],
    [],
  );
  return (
    <>
      <PageHeader title={s.title} lead={s.lead} />
      <div className="max-w-xl">
        <Card>
          <div className="flex flex-col gap-6">
            <Choices
              label={s.theme}
              value={preferences.theme}
              options={Object.entries(t.shell.themes) as [Theme, string][]}
              onChange={(theme) => setPreferences({ theme })}
            />
            <Choices
              label={s.units}
              value={preferences.units}
              options={[
                ["metric", s.metric],
                ["imperial", s.imperial],
              ]}
              onChange={(units) => setPreferences({ units })}
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
            <Select
              label={s.homeZone}
              options={zones}
              value={preferences.homeZone}
              onChange={(event) => setPreferences({ homeZone: event.target.value })}
            />
            <Switch
              label={s.singleKeys}
              hint={s.singleKeysHint}
              checked={preferences.singleKeys}
              onChange={(singleKeys) => setPreferences({ singleKeys })}
            />
          </div>
        </Card>
      </div>
    </>
  );
}
