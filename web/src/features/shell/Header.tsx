"use client";
import { Search } from "lucide-react";
import { lazy } from "react";
import { useModKey } from "@/lib/shortcuts";
import * as t from "@/texts/en";
import { Kbd } from "@/ui/Kbd";
import { Later } from "@/ui/Later";
import { useCommands } from "./CommandLayer";

const ThemeMenu = lazy(() => import("./ThemeMenu"));
const Bell = lazy(() => import("@/features/notices/Bell"));
const Switcher = lazy(() => import("./Switcher"));
const AccountMenu = lazy(() => import("./AccountMenu"));
const SetupBanner = lazy(() => import("@/features/onboarding/SetupBanner"));

export function Header() {
  const commands = useCommands();
  const palette = useModKey("K");
  return (
    <header className="sticky top-(--banner,0px) z-20 border-b border-line bg-bg">
      <div className="mx-auto flex h-14 max-w-6xl items-center gap-2 px-4 md:px-6">
        <div className="md:hidden">
          <Later place="size-9 pointer-coarse:size-11">
            <Switcher compact />
          </Later>
        </div>
        <button
          type="button"
          onClick={commands.openPalette}
          aria-haspopup="dialog"
          aria-keyshortcuts="Meta+K Control+K"
          className="@container flex min-h-9 pointer-coarse:min-h-11 min-w-0 flex-1 items-center gap-2 rounded-md border border-control/60 bg-surface px-3 text-sm text-muted hover:border-control sm:max-w-sm"
        >
          <Search size={16} aria-hidden className="shrink-0" />
          {/* Beside the reminder to set up there may be room for the sign alone; half a letter says nothing. */}
          <span className="min-w-0 flex-1 truncate text-left @max-[5rem]:opacity-0">{t.shell.search}</span>
          <span aria-hidden className="hidden gap-1 sm:flex">
            <Kbd>{palette}</Kbd>
          </span>
        </button>
        {/* Beside the group, not in it: what comes later moves nothing. */}
        <div className="ml-auto md:hidden">
          <Later place="hidden">
            <SetupBanner compact />
          </Later>
        </div>
        <div className="flex items-center gap-1 md:ml-auto">
          <Later place="size-9 pointer-coarse:size-11">
            <Bell />
          </Later>
          {/* A small phone has no room for it; the settings and the palette have it too. */}
          <div className="max-[24rem]:hidden">
            <Later place="size-9 pointer-coarse:size-11">
              <ThemeMenu />
            </Later>
          </div>
          <div className="md:hidden">
            <Later place="size-9 pointer-coarse:size-11">
              <AccountMenu compact />
            </Later>
          </div>
        </div>
      </div>
    </header>
  );
}
