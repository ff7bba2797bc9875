"use client";
import { Building2, Check, ChevronsUpDown, List, Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { beingSetUp, useOrganizations } from "@/features/organization/queries";
import { switchAccount } from "@/lib/accounts";
import { useAction } from "@/lib/action";
import { isProblem } from "@/lib/api";
import { useMe } from "@/lib/session";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Menu, MenuGroup, MenuItem, MenuLink } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import { byOrganization } from "./ownAccounts";

const NewOrganization = lazy(() => import("@/features/organization/NewOrganization"));
const s = t.organization.switcher;
const icon = { size: 16, "aria-hidden": true } as const;

/** Where one is, and the other accounts one may act as: on top of the sidebar, or as an icon on a phone. */
export default function Switcher({ compact = false }: { compact?: boolean }) {
  const me = useMe();
  const [making, setMaking] = useState(false);
  const go = useAction(switchAccount, {
    onError: (error) => toast(s.failed, { text: isProblem(error) ? error.message : undefined }),
  });
  const here = me.data?.organization.name ?? "";
  const trigger = compact ? (
    <IconButton label={s.label(here)} busy={go.pending}>
      <Building2 size={18} aria-hidden />
    </IconButton>
  ) : (
    <button
      type="button"
      aria-label={s.label(here)}
      aria-busy={go.pending || undefined}
      className="flex min-h-11 w-full min-w-0 items-center gap-2.5 rounded-md px-2 text-left hover:bg-sunken"
    >
      <Mark />
      {me.isPending ? (
        <span className="skeleton h-4 w-28" />
      ) : (
        <span className="min-w-0 flex-1 truncate font-semibold" title={here}>
          {here || t.product}
        </span>
      )}
      <ChevronsUpDown size={15} aria-hidden className="ml-auto shrink-0 text-muted" />
    </button>
  );
  return (
    <>
      <Menu trigger={trigger} align="start">
        {byOrganization(me.data?.accounts ?? []).map(({ id, name, accounts }) => (
          <MenuGroup key={id} label={name}>
            {accounts.map((account) => {
              const current = account.id === me.data?.account.id;
              const role = t.shell.roles[account.role] ?? account.role;
              return (
                <MenuItem
                  key={account.id}
                  icon={current ? <Check {...icon} /> : <span aria-hidden className="size-4" />}
                  onClick={() => !current && void go.start(account.id)}
                >
                  <span className="min-w-0 flex-1 truncate">{role}</span>
                  {current && <span className="text-xs text-muted">{s.current}</span>}
                </MenuItem>
              );
            })}
          </MenuGroup>
        ))}
        <Awaited />
        <div className="my-1.5 border-t border-line" />
        <MenuItem icon={<Plus {...icon} />} onClick={() => setMaking(true)}>
          {s.create}
        </MenuItem>
        <MenuLink href="/organization/mine" icon={<List {...icon} />}>
          {s.all}
        </MenuLink>
      </Menu>
      <Suspense>{making && <NewOrganization onClose={() => setMaking(false)} />}</Suspense>
    </>
  );
}

/** Those that one can switch to in a moment; asked for while the menu is open. */
function Awaited() {
  const waiting = useOrganizations().data?.filter(beingSetUp) ?? [];
  return waiting.map(({ id, name }) => (
    <MenuGroup key={id} label={name}>
      <MenuItem icon={<span aria-hidden className="size-4" />}>
        {t.organization.mine.states.provisioning}
      </MenuItem>
    </MenuGroup>
  ));
}

function Mark() {
  return (
    <span aria-hidden className="flex size-7 shrink-0 items-end gap-0.5 rounded-md bg-accent p-1.5">
      <span className="h-2/5 flex-1 rounded-xs bg-on-accent" />
      <span className="h-full flex-1 rounded-xs bg-on-accent" />
      <span className="h-3/5 flex-1 rounded-xs bg-on-accent" />
    </span>
  );
}
