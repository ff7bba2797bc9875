"use client";
import { Monitor, Moon, Sun } from "lucide-react";
import { setPreferences, type Theme, usePreferences } from "@/lib/preferences";
import * as t from "@/texts/en";
import { IconButton } from "@/ui/Button";
import { Menu, MenuChoices } from "@/ui/Menu";

const ICONS = { system: Monitor, light: Sun, dark: Moon };

/** Light, dark, or as the system. */
export default function ThemeMenu() {
  const { theme } = usePreferences();
  const Icon = ICONS[theme];
  const options = Object.entries(t.shell.themes) as [Theme, string][];
  return (
    <Menu
      trigger={
        <IconButton label={t.shell.theme}>
          <Icon size={18} aria-hidden />
        </IconButton>
      }
    >
      <MenuChoices
        label={t.shell.theme}
        value={theme}
        options={options}
        onChange={(next) => setPreferences({ theme: next })}
      />
    </Menu>
  );
}
