"use client";
import { ArrowLeft, Eye } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { deviceDay, words } from "@/lib/format";
import { Link, useIdInPath } from "@/lib/nav";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { RowTable } from "@/ui/RowTable";
import type { PlatformAccount, PlatformOrganizationDetail, State, Transition } from "./calls";
import { useOperator, usePlatformAccounts, usePlatformOrganization } from "./queries";
import { StateChip } from "./StateChip";
import { UnfinishedSteps } from "./UnfinishedSteps";

const ChangeDialog = lazy(() => import("./ChangeDialog"));
const OrganizationSwitches = lazy(() => import("./OrganizationSwitches"));
const LookDialog = lazy(() => import("./LookDialog"));
const o = t.operator;
const NEXT: Partial<Record<State, Transition>> = {
  provisioning: "provision",
  active: "suspend",
  suspended: "resume",
  deleted: "restore",
};

/** One organization: its state and how to change it, its members and how to look through their eyes. */
export function PlatformOrganizationScreen() {
  const organization = usePlatformOrganization(useIdInPath());
  return (
    <>
      <Link
        href="/operator"
        className="mb-4 inline-flex min-h-6 items-center gap-1.5 text-muted hover:text-fg"
      >
        <ArrowLeft size={16} aria-hidden />
        {o.back}
      </Link>
      <Loaded of={organization}>{(found) => <Page organization={found} />}</Loaded>
    </>
  );
}

function Page({ organization }: { organization: PlatformOrganizationDetail }) {
  const operator = useOperator();
  const accounts = usePlatformAccounts(organization.id);
  const [asking, setAsking] = useState<Transition | null>(null);
  const [looking, setLooking] = useState<PlatformAccount | null>(null);
  const may = (permission: string) => operator.data?.permissions.includes(permission) ?? false;
  const next = NEXT[organization.state];
  const looks = may("platform.impersonations.write") && organization.state === "active";
  return (
    <>
      <PageHeader
        title={organization.name}
        lead={`${o.kinds[organization.kind]} · ${o.created} ${deviceDay(organization.created_at)}`}
      >
        <div className="flex items-center gap-3">
          <StateChip state={organization.state} />
          {next && may("platform.organizations.write") && (
            <Button onClick={() => setAsking(next)}>{o[next]}</Button>
          )}
        </div>
      </PageHeader>
      <p className="mb-5 text-xs text-muted">
        {o.id} <code className="font-mono select-all">{organization.id}</code>
      </p>
      {!may("platform.organizations.write") && <p className="mb-4 text-muted">{o.notYours}</p>}
      {organization.unfinished_steps.length > 0 && <UnfinishedSteps steps={organization.unfinished_steps} />}
      <h2 className="mb-3 text-base font-semibold">{o.members}</h2>
      <Loaded of={accounts}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="text-muted">{o.noMembers}</p>
          ) : (
            <RowTable
              label={o.members}
              rows={rows}
              keyOf={(row) => row.id}
              columns={[
                {
                  key: "name",
                  label: o.account,
                  value: (row) => (
                    <span className="block min-w-0">
                      <span className="block truncate font-medium">{row.name}</span>
                      <span className="block truncate text-muted">{row.email}</span>
                    </span>
                  ),
                },
                { key: "role", label: o.role, value: (row) => t.shell.roles[row.role] ?? row.role },
                {
                  key: "state",
                  label: o.state,
                  value: (row) => (
                    <Chip tone={row.state === "active" ? "ok" : "warn"}>
                      {o.accountStates[row.state] ?? words(row.state)}
                    </Chip>
                  ),
                },
              ]}
              actions={
                looks
                  ? {
                      label: t.organization.members.actionsColumn,
                      of: (row) =>
                        row.state === "active" ? (
                          <Button aria-label={o.lookAs(row.name)} onClick={() => setLooking(row)}>
                            <Eye size={16} aria-hidden />
                            {o.look}
                          </Button>
                        ) : null,
                    }
                  : undefined
              }
            />
          )
        }
      </Loaded>
      {accounts.hasNextPage && (
        <div className="mt-3">
          <Button busy={accounts.isFetchingNextPage} onClick={() => void accounts.fetchNextPage()}>
            {t.common.more}
          </Button>
        </div>
      )}
      {may("platform.flags.read") && (
        <Suspense>
          <OrganizationSwitches
            organization={organization}
            mayLimit={may("platform.organizations.write")}
            maySwitch={may("platform.flags.write")}
          />
        </Suspense>
      )}
      <Suspense>
        {asking && (
          <ChangeDialog organization={organization} transition={asking} onClose={() => setAsking(null)} />
        )}
        {looking && (
          <LookDialog organization={organization} account={looking} onClose={() => setLooking(null)} />
        )}
      </Suspense>
    </>
  );
}
