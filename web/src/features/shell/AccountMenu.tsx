"use client";
import { ChevronsUpDown, Keyboard, ListTodo, LogOut, Settings, ShieldCheck, UserRound } from "lucide-react";
import { useMe, useSignOut } from "@/lib/session";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuLink } from "@/ui/Menu";
import { useCommands } from "./CommandLayer";

/** The person and what concerns them: at the foot of the sidebar, or as an icon on a phone. */
export default function AccountMenu({ compact = false }: { compact?: boolean }) {
  const me = useMe();
  const commands = useCommands();
  const signOut = useSignOut();
  const trigger = compact ? (
    <IconButton label={t.shell.account}>
      <UserRound size={18} aria-hidden />
    </IconButton>
  ) : (
    <button
      type="button"
      className="flex min-h-12 w-full items-center gap-2.5 rounded-md px-2 text-left hover:bg-sunken"
    >
      <Initials name={me.data?.user.name ?? ""} />
      <span className="min-w-0 flex-1">
        {me.isPending && <span className="skeleton block h-4 w-24" />}
        {me.isError && !me.data && <span aria-hidden>{t.shell.account}</span>}
        {me.data && (
          <>
            <span className="block truncate text-sm font-medium">{me.data.user.name}</span>
            <span className="block truncate text-xs text-muted">
              {t.shell.roles[me.data.account.role] ?? me.data.account.role}
            </span>
          </>
        )}
      </span>
      <ChevronsUpDown size={15} aria-hidden className="text-muted" />
      <span className="sr-only">{t.shell.account}</span>
    </button>
  );
  return (
    <Menu trigger={trigger} side={compact ? "bottom" : "top"} align={compact ? "end" : "start"}>
      {me.data && <p className="truncate px-2.5 py-1.5 text-xs text-muted">{me.data.user.email}</p>}
      <MenuLink href="/jobs" icon={<ListTodo size={16} aria-hidden />}>
        {t.shell.jobs}
      </MenuLink>
      <MenuLink href="/settings" icon={<Settings size={16} aria-hidden />}>
        {t.shell.settings}
      </MenuLink>
      <MenuLink href="/settings/security" icon={<ShieldCheck size={16} aria-hidden />}>
        {t.security.title}
      </MenuLink>
      <MenuItem icon={<Keyboard size={16} aria-hidden />} onClick={commands.showKeys}>
        {t.shell.keyboard}
      </MenuItem>
      <MenuItem icon={<LogOut size={16} aria-hidden />} onClick={() => void signOut()}>
        {t.auth.signOut}
      </MenuItem>
    </Menu>
  );
}

function Initials({ name }: { name: string }) {
  const letters = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return (
    <span
      aria-hidden
      className="flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-medium text-accent"
    >
      {letters}
    </span>
  );
}
