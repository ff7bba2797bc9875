"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { isProblem } from "@/lib/api";
import { useMay } from "@/lib/permissions";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Choices } from "@/ui/Choices";
import { Conflict } from "@/ui/Conflict";
import { TextField } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Select } from "@/ui/Select";
import { Switch } from "@/ui/Switch";
import { toast } from "@/ui/toast";
import { editOrganization, type Organization } from "./calls";
import { DeleteCard } from "./DeleteCard";
import { useOrganization } from "./queries";
import { draftOf, editOf, fewerDays, type SettingsDraft, withPresent } from "./settingsDraft";

const Confirm = lazy(() => import("@/ui/Confirm"));

const s = t.organization.settings;

export function OrganizationSettingsScreen() {
  const organization = useOrganization();
  const may = useMay();
  return (
    <>
      <PageHeader title={s.title} lead={s.lead} />
      <Loaded of={organization} rows={6}>
        {(found) => (
          <div className="flex max-w-2xl flex-col gap-6">
            {may("kernel.organization.write") ? (
              <SettingsForm key={found.id} found={found} />
            ) : (
              <>
                <p className="text-muted">{s.readOnly}</p>
                <fieldset disabled className="contents">
                  <Fields of={found} draft={draftOf(found)} errors={{}} onChange={() => {}} />
                </fieldset>
              </>
            )}
            {may("ownership.organization.delete") && <DeleteCard organization={found} />}
          </div>
        )}
      </Loaded>
    </>
  );
}

/** What was typed is kept against `base`, the version it began from: a newer one is never overwritten unasked. */
function SettingsForm({ found }: { found: Organization }) {
  const client = useQueryClient();
  const [base, setBase] = useState(found);
  const [draft, setDraft] = useState(() => draftOf(found));
  const [asked, setAsked] = useState(false);
  const edit = useMemo(() => editOf(base, draft), [base, draft]);
  const start = (organization: Organization) => {
    client.setQueryData(["organization", organization.id], organization);
    setBase(organization);
    setDraft(draftOf(organization));
  };
  const save = useMutation({
    mutationFn: (version: number | null) => editOrganization(base.id, version, edit ?? {}),
    onSuccess: (saved) => {
      start(saved);
      void client.invalidateQueries({ queryKey: ["me"] });
      toast(s.saved);
    },
    onError: (error) => {
      if (conflicts(error)) void client.invalidateQueries({ queryKey: ["organization", base.id] });
    },
  });
  const conflict = conflicts(save.error);
  const fields = isProblem(save.error) ? save.error.fields : {};
  return (
    <form
      noValidate
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        if (save.isPending || !edit) return;
        if (fewerDays(base, draft) > 0) setAsked(true);
        else save.mutate(base.version);
      }}
    >
      <Fields
        of={base}
        draft={draft}
        errors={fields}
        onChange={(change) => setDraft({ ...draft, ...change })}
      />
      {conflict && (
        <Conflict
          title={s.conflictTitle}
          text={s.conflictText}
          theirs={s.takeTheirs}
          mine={s.keepMine}
          busy={save.isPending}
          onTheirs={() => {
            start(found);
            save.reset();
          }}
          onMine={() => save.mutate(null)}
        />
      )}
      {save.error !== null && !conflict && Object.keys(fields).length === 0 && (
        <ProblemNotice error={save.error} />
      )}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={save.isPending} disabled={!edit}>
          {s.save}
        </Button>
        {edit && <Button onClick={() => setDraft(draftOf(base))}>{s.discard}</Button>}
      </div>
      {asked && (
        <Suspense>
          <Confirm
            open
            danger
            title={s.fewerTitle}
            text={s.fewerText(s.retentions[draft.retention] ?? s.days(Number(draft.retention)))}
            action={s.fewerAction}
            onConfirm={() => {
              setAsked(false);
              save.mutate(base.version);
            }}
            onClose={() => setAsked(false)}
          />
        </Suspense>
      )}
    </form>
  );
}

const conflicts = (error: unknown) => isProblem(error) && error.status === 412;

type FieldsProps = {
  of: Organization;
  draft: SettingsDraft;
  errors: Readonly<Record<string, string>>;
  onChange(change: Partial<SettingsDraft>): void;
};

function Fields({ of, draft, errors, onChange }: FieldsProps) {
  const zones = useMemo(
    () =>
      [...new Set(["UTC", draft.timezone, ...Intl.supportedValuesOf("timeZone")])].map(
        (zone) => [zone, zone] as const,
      ),
    [draft.timezone],
  );
  return (
    <>
      <Section title={s.general}>
        <TextField
          label={s.name}
          name="name"
          maxLength={100}
          value={draft.name}
          error={errors.name}
          onChange={(event) => onChange({ name: event.target.value })}
        />
        <Select
          label={s.zone}
          options={zones}
          value={draft.timezone}
          hint={s.zoneHint}
          onChange={(event) => onChange({ timezone: event.target.value })}
        />
        <Choices
          label={s.units}
          value={draft.units}
          options={[
            ["metric", s.metric],
            ["imperial", s.imperial],
          ]}
          onChange={(units) => onChange({ units })}
        />
        <Select
          label={s.retention}
          options={withPresent(s.retentions, draft.retention, s.days)}
          value={draft.retention}
          hint={s.retentionHint}
          onChange={(event) => onChange({ retention: event.target.value })}
        />
        <Switch
          label={s.archive}
          hint={s.archiveHint(of.settings.archive_days)}
          checked={draft.archive}
          onChange={(archive) => onChange({ archive })}
        />
      </Section>
      <Section title={s.security}>
        <Switch
          label={s.mfa}
          hint={s.mfaHint}
          checked={draft.mfaRequired}
          onChange={(mfaRequired) => onChange({ mfaRequired })}
        />
        <Select
          label={s.session}
          options={withPresent(s.sessions, draft.session, s.hours)}
          value={draft.session}
          hint={s.sessionHint}
          onChange={(event) => onChange({ session: event.target.value })}
        />
        <TextField
          label={s.domains}
          value={draft.domains}
          hint={s.domainsHint}
          error={errors.allowed_email_domains ?? Object.entries(errors).find(([k]) => /^\d+$/.test(k))?.[1]}
          placeholder="example.org, example.com"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => onChange({ domains: event.target.value })}
        />
      </Section>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card title={title}>
      <div className="flex flex-col gap-5">{children}</div>
    </Card>
  );
}
