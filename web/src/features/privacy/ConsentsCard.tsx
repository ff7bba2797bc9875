"use client";
import { deviceDay } from "@/lib/format";
import * as t from "@/texts/en";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Switch } from "@/ui/Switch";
import { useConsents, useSayConsent } from "./queries";

const c = t.privacy.consents;

export function ConsentsCard() {
  const consents = useConsents();
  const say = useSayConsent();
  return (
    <Card title={c.title} lead={c.lead}>
      <Loaded of={consents} rows={1}>
        {(found) => (
          <div className="flex flex-col gap-4">
            {found.map((consent) => (
              <Switch
                key={consent.purpose}
                label={consent.title}
                hint={`${consent.text} ${consent.since ? c.since(deviceDay(consent.since)) : c.presumed}`}
                checked={consent.given}
                onChange={(given) => say.mutate({ consent, given })}
              />
            ))}
            {say.error && <ProblemNotice error={say.error} />}
          </div>
        )}
      </Loaded>
    </Card>
  );
}
