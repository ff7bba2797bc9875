"use client";
import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import {
  Activity,
  Bell,
  Building2,
  CalendarDays,
  ChartLine,
  Copy,
  Gauge,
  HeartPulse,
  House,
  Keyboard,
  KeyRound,
  Link2,
  List,
  ListTodo,
  LogOut,
  Moon,
  Ruler,
  ScrollText,
  Search,
  Settings,
  Share2,
  ShieldCheck,
  Sun,
  Upload,
  Users,
  Webhook,
} from "lucide-react";
import { type ReactNode, useDeferredValue, useMemo, useState } from "react";
import { useFilePicker } from "@/features/uploads/useFilePicker";
import { switchAccount } from "@/lib/accounts";
import { isProblem, listWorkouts } from "@/lib/api";
import { day, kindName, sportName, zoneOf } from "@/lib/format";
import { useNavigate } from "@/lib/nav";
import { useMay } from "@/lib/permissions";
import { setPreferences, usePreferences } from "@/lib/preferences";
import { useAccountPreferences, useSetAccountPreferences } from "@/lib/preferences/account";
import { useMe, useSignOut } from "@/lib/session";
import * as t from "@/texts/en";
import { backdropClass, popupClass } from "@/ui/classes";
import { SportIcon } from "@/ui/SportIcon";
import { toast } from "@/ui/toast";

type Item = { value: string; label: string; aside?: string; icon: ReactNode; run(): void };
type Group = { value: string; items: Item[] };
type Props = { open: boolean; onClose(): void; onKeys(): void };

export default function Palette({ open, onClose, onKeys }: Props) {
  const [text, setText] = useState("");
  const groups = useGroups(text, onKeys);
  const close = () => {
    onClose();
    setText("");
  };
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={backdropClass} />
        <Dialog.Viewport className="fixed inset-0 z-50 flex items-start justify-center px-3 pt-[10dvh]">
          <Dialog.Popup
            aria-label={t.palette.title}
            className={`${popupClass} flex max-h-[70dvh] w-full max-w-xl flex-col`}
          >
            <Autocomplete.Root
              open
              inline
              items={groups}
              value={text}
              onValueChange={setText}
              filter={null}
              itemToStringValue={(item: Item) => item.label}
              autoHighlight="always"
              keepHighlight
            >
              <div className="flex items-center gap-3 border-b border-line px-4">
                <Search size={18} aria-hidden className="shrink-0 text-muted" />
                <Autocomplete.Input
                  aria-label={t.palette.title}
                  placeholder={t.palette.placeholder}
                  className="h-13 w-full min-w-0 bg-transparent text-base outline-none"
                />
              </div>
              <Autocomplete.Empty className="px-4 text-sm text-muted not-empty:py-6">
                {t.palette.empty}
              </Autocomplete.Empty>
              <Autocomplete.List className="overflow-y-auto overscroll-contain p-2 empty:hidden">
                {(group: Group) => (
                  <Autocomplete.Group key={group.value} items={group.items}>
                    <Autocomplete.GroupLabel className="px-2.5 pt-2 pb-1 text-xs text-muted">
                      {group.value}
                    </Autocomplete.GroupLabel>
                    <Autocomplete.Collection>
                      {(item: Item) => (
                        <Autocomplete.Item
                          key={item.value}
                          value={item}
                          onClick={() => {
                            close();
                            item.run();
                          }}
                          className="flex min-h-10 cursor-pointer items-center gap-3 rounded-md px-2.5 text-sm outline-none data-highlighted:bg-sunken"
                        >
                          <span className="text-muted">{item.icon}</span>
                          <span className="min-w-0 flex-1 truncate">{item.label}</span>
                          <span className="shrink-0 text-xs text-muted">{item.aside}</span>
                        </Autocomplete.Item>
                      )}
                    </Autocomplete.Collection>
                  </Autocomplete.Group>
                )}
              </Autocomplete.List>
              <p className="border-t border-line px-4 py-2 text-xs text-muted max-sm:hidden">
                {t.palette.hint}
              </p>
              <Dialog.Close className="sr-only">{t.common.close}</Dialog.Close>
            </Autocomplete.Root>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useGroups(text: string, onKeys: () => void): Group[] {
  const commands = useCommandItems(onKeys);
  const workouts = useWorkoutItems(text.trim());
  const accounts = useAccountItems();
  return useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const matching = (items: Item[]) => items.filter((item) => item.label.toLowerCase().includes(wanted));
    const groups = [
      { value: t.palette.go, items: matching(commands.go) },
      { value: t.palette.actions, items: matching(commands.actions) },
      { value: t.palette.accounts, items: matching(accounts) },
      { value: t.palette.workouts, items: workouts },
    ];
    return groups.filter((group) => group.items.length > 0);
  }, [text, commands, workouts, accounts]);
}

function useCommandItems(onKeys: () => void): { go: Item[]; actions: Item[] } {
  const navigate = useNavigate();
  const signOut = useSignOut();
  const pick = useFilePicker();
  const may = useMay();
  const { units } = usePreferences();
  const { data: said } = useAccountPreferences();
  const { mutate: say } = useSetAccountPreferences();
  return useMemo(() => {
    const icon = { size: 17, "aria-hidden": true };
    const page = (href: string, label: string, aside: string, symbol: ReactNode): Item => ({
      value: href,
      label,
      aside,
      icon: symbol,
      run: () => navigate.to(href),
    });
    const metric = units === "metric";
    return {
      go: [
        page("/today", t.shell.today, "g h", <House {...icon} />),
        page("/workouts", t.shell.workouts, "g w", <Activity {...icon} />),
        ...(may("fitness.workouts.read")
          ? [page("/athletes", t.athletes.title, "g a", <Users {...icon} />)]
          : []),
        page("/calendar", t.calendar.title, "g c", <CalendarDays {...icon} />),
        page("/load", t.shell.load, "g l", <ChartLine {...icon} />),
        page("/thresholds", t.shell.thresholds, "g t", <Gauge {...icon} />),
        page("/biometrics", t.shell.body, "g b", <HeartPulse {...icon} />),
        page("/sources", t.shell.sources, "g p", <Link2 {...icon} />),
        page("/uploads", t.shell.uploads, "g u", <Upload {...icon} />),
        page("/duplicates", t.shell.duplicates, "g d", <Copy {...icon} />),
        page("/notices", t.notices.title, "g n", <Bell {...icon} />),
        page("/jobs", t.shell.jobs, "g j", <ListTodo {...icon} />),
        page("/organization/members", t.organization.tabs.members, "g o", <Users {...icon} />),
        page("/organization/roles", t.organization.tabs.roles, "", <ShieldCheck {...icon} />),
        ...(may("kernel.audit.read")
          ? [page("/organization/audit", t.organization.tabs.audit, "", <ScrollText {...icon} />)]
          : []),
        ...(may("kernel.webhooks.read")
          ? [page("/organization/webhooks", t.organization.tabs.webhooks, "", <Webhook {...icon} />)]
          : []),
        page("/organization/settings", t.organization.settings.title, "", <Building2 {...icon} />),
        page("/organization/mine", t.organization.mine.title, "", <List {...icon} />),
        page("/settings", t.shell.settings, "g s", <Settings {...icon} />),
        page("/settings/security", t.access.tabs.security, "", <ShieldCheck {...icon} />),
        page("/settings/sharing", t.access.tabs.sharing, "", <Share2 {...icon} />),
        page("/settings/api-keys", t.access.tabs.keys, "", <KeyRound {...icon} />),
      ],
      actions: [
        { value: "upload", label: t.palette.upload, icon: <Upload {...icon} />, run: pick },
        {
          value: "light",
          label: t.palette.light,
          icon: <Sun {...icon} />,
          run: () => setPreferences({ theme: "light" }),
        },
        {
          value: "dark",
          label: t.palette.dark,
          icon: <Moon {...icon} />,
          run: () => setPreferences({ theme: "dark" }),
        },
        {
          value: "units",
          label: metric ? t.palette.imperial : t.palette.metric,
          icon: <Ruler {...icon} />,
          run: () =>
            said &&
            say(
              { ...said, units: metric ? "imperial" : "metric" },
              { onError: () => toast(t.palette.unitsFailed) },
            ),
        },
        { value: "keys", label: t.shell.keyboard, aside: "?", icon: <Keyboard {...icon} />, run: onKeys },
        { value: "out", label: t.auth.signOut, icon: <LogOut {...icon} />, run: () => void signOut() },
      ],
    };
  }, [navigate, signOut, pick, may, units, said, say, onKeys]);
}

/** The other accounts that one may act as. */
function useAccountItems(): Item[] {
  const me = useMe();
  return useMemo(
    () =>
      (me.data?.accounts ?? [])
        .filter((account) => account.id !== me.data?.account.id)
        .map((account) => ({
          value: account.id,
          label: t.organization.switcher.to(
            account.organization_name,
            t.shell.roles[account.role] ?? account.role,
          ),
          icon: <Building2 size={17} aria-hidden />,
          run: () => void switchAccount(account.id).catch(refused),
        })),
    [me.data],
  );
}

const refused = (error: unknown) =>
  toast(t.organization.switcher.failed, { text: isProblem(error) ? error.message : undefined });

function useWorkoutItems(text: string): Item[] {
  const q = useDeferredValue(text);
  const navigate = useNavigate();
  const preferences = usePreferences();
  const found = useQuery({
    queryKey: ["palette", q],
    queryFn: () => listWorkouts({ q }, null, 8),
    enabled: q.length >= 2,
    placeholderData: keepPreviousData,
  });
  return useMemo(
    () =>
      q.length < 2
        ? []
        : (found.data?.data ?? []).map((workout) => ({
            value: workout.id,
            label: workout.title || kindName(workout.sport, workout.sub_sport),
            aside: `${sportName(workout.sport)}, ${day(workout.start_time, zoneOf(workout, preferences))}`,
            icon: <SportIcon sport={workout.sport} size={17} />,
            run: () => navigate.to(`/workouts/${workout.id}`),
          })),
    [q, found.data, navigate, preferences],
  );
}
