import * as t from "@/texts/en";

/** The filters as they stand in the address: the API's own names, days without a time. */
export const FILTERS = ["q", "actor", "action", "resource", "from", "to", "outcome"] as const;
type Name = (typeof FILTERS)[number];
export type Filters = Partial<Record<Name, string>>;
export type AuditQuery = Omit<Filters, "outcome"> & { outcome?: "done" | "refused" };

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the address, leaving out what makes no sense instead of failing on it. */
export function filtersIn(address: Readonly<Record<string, string>>): Filters {
  const found: Filters = {};
  for (const name of FILTERS) {
    const value = address[name]?.trim();
    if (!value || !sensible(name, value)) continue;
    found[name] = value;
  }
  return found;
}

function sensible(name: Name, value: string): boolean {
  if (name === "from" || name === "to") return DAY.test(value) && !Number.isNaN(Date.parse(value));
  if (name === "actor") return UUID.test(value);
  if (name === "outcome") return value in t.audit.outcomes;
  return value.length <= (name === "q" ? 100 : 200);
}

/** What the API is asked: days are meant where the person is, from this device's midnight to the next. */
export function queryOf({ from, to, outcome, ...rest }: Filters): AuditQuery {
  return {
    ...rest,
    ...((outcome === "done" || outcome === "refused") && { outcome }),
    ...(from && { from: midnight(from, 0) }),
    ...(to && { to: midnight(to, 1) }),
  };
}

function midnight(day: string, later_days: number): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + later_days);
  return date.toISOString();
}

/** The filters that hold, in words, with the key to remove; the search shows itself. */
export function inWords(
  filters: Filters,
  nameOf: (account: string) => string,
): { name: Name; label: string }[] {
  const f = t.audit.filters;
  const label: Record<Name, (value: string) => string> = {
    q: (value) => value,
    actor: (value) => `${f.actor}: ${nameOf(value)}`,
    action: (value) => t.audit.actions[value] ?? value,
    resource: (value) => value,
    from: (value) => `${f.from} ${value}`,
    to: (value) => `${f.to} ${value}`,
    outcome: (value) => t.audit.outcomes[value] ?? value,
  };
  return FILTERS.filter((name) => name !== "q" && filters[name]).map((name) => ({
    name,
    label: label[name](filters[name] ?? ""),
  }));
}
