import type { Organization, SettingsEdit } from "./calls";

/** The settings as a form holds them: every value a text that its field can show. */
export type SettingsDraft = {
  name: string;
  timezone: string;
  units: "metric" | "imperial";
  retention: string;
  archive: boolean;
  mfaRequired: boolean;
  session: string;
  domains: string;
};

const orEmpty = (value: number | null) => (value === null ? "" : String(value));
const orNull = (text: string) => (text === "" ? null : Number(text));

export function draftOf({ name, settings }: Organization): SettingsDraft {
  return {
    name,
    timezone: settings.timezone,
    units: settings.units,
    retention: orEmpty(settings.retention_days),
    archive: settings.archive_on_erasure,
    mfaRequired: settings.mfa_required,
    session: orEmpty(settings.session_hours),
    domains: settings.allowed_email_domains.join(", "),
  };
}

export const domainsIn = (text: string) => [
  ...new Set(
    text
      .split(/[\s,;]+/)
      .map((domain) => domain.replace(/^@/, "").toLowerCase())
      .filter(Boolean),
  ),
];

/** What differs from the version that editing began with, and nothing else; null when nothing does. */
export function editOf(base: Organization, draft: SettingsDraft) {
  const before = draftOf(base);
  const settings: SettingsEdit = {
    ...(draft.timezone !== before.timezone && { timezone: draft.timezone }),
    ...(draft.units !== before.units && { units: draft.units }),
    ...(draft.retention !== before.retention && { retention_days: orNull(draft.retention) }),
    ...(draft.archive !== before.archive && { archive_on_erasure: draft.archive }),
    ...(draft.mfaRequired !== before.mfaRequired && { mfa_required: draft.mfaRequired }),
    ...(draft.session !== before.session && { session_hours: orNull(draft.session) }),
    ...(domainsIn(draft.domains).join() !== domainsIn(before.domains).join() && {
      allowed_email_domains: domainsIn(draft.domains),
    }),
  };
  const name = draft.name.trim();
  const edit = {
    ...(name !== before.name && { name }),
    ...(Object.keys(settings).length > 0 && { settings }),
  };
  return Object.keys(edit).length > 0 ? edit : null;
}

const USUAL_DAYS = 730;
const daysOf = (retention: string) => (retention === "" ? USUAL_DAYS : Number(retention));

/** For how many days less data would be kept; 0 where it is kept as long as before or longer. */
export const fewerDays = (base: Organization, draft: SettingsDraft) =>
  Math.max(0, daysOf(draftOf(base).retention) - daysOf(draft.retention));

/** The usual choices, and the present value where it is none of them. */
export function withPresent(
  usual: Readonly<Record<string, string>>,
  present: string,
  named: (n: number) => string,
): [string, string][] {
  const numbers = new Set([...Object.keys(usual), present].filter((key) => key !== ""));
  const sorted = [...numbers].sort((a, b) => Number(a) - Number(b));
  return [
    ["", usual[""] ?? ""],
    ...sorted.map((key): [string, string] => [key, usual[key] ?? named(Number(key))]),
  ];
}
