"use client";
import { usePreferences } from "@/lib/preferences";
import { useModKey } from "@/lib/shortcuts";
import * as t from "@/texts/en";
import { Dialog } from "@/ui/Dialog";
import { Kbd } from "@/ui/Kbd";

type Row = readonly [keys: readonly string[], text: string];

const KEYS: readonly Row[] = [
  [["g", "h"], t.shortcuts.goToday],
  [["g", "w"], t.shortcuts.goWorkouts],
  [["g", "a"], t.shortcuts.goAthletes],
  [["g", "c"], t.shortcuts.goCalendar],
  [["g", "l"], t.shortcuts.goLoad],
  [["g", "t"], t.shortcuts.goThresholds],
  [["g", "b"], t.shortcuts.goBody],
  [["g", "p"], t.shortcuts.goSources],
  [["g", "u"], t.shortcuts.goUploads],
  [["g", "d"], t.shortcuts.goDuplicates],
  [["g", "n"], t.shortcuts.goNotices],
  [["g", "j"], t.shortcuts.goJobs],
  [["g", "o"], t.shortcuts.goOrganization],
  [["g", "s"], t.shortcuts.goSettings],
  [["j"], t.shortcuts.next],
  [["k"], t.shortcuts.previous],
  [["Enter"], t.shortcuts.open],
  [["x"], t.shortcuts.select],
  [["/"], t.shortcuts.search],
  [["p"], t.shortcuts.previousMonth],
  [["n"], t.shortcuts.nextMonth],
  [["t"], t.shortcuts.thisMonth],
  [["?"], t.shortcuts.help],
  [["Esc"], t.shortcuts.escape],
];

export default function KeySheet({ open, onClose }: { open: boolean; onClose(): void }) {
  const { singleKeys } = usePreferences();
  const palette: Row = [[useModKey("K")], t.shortcuts.palette];
  return (
    <Dialog open={open} onClose={onClose} title={t.shortcuts.title}>
      {!singleKeys && <p className="mb-3 text-sm text-warn">{t.shortcuts.off}</p>}
      <dl tabIndex={0} aria-label={t.shortcuts.title} className="divide-y divide-line">
        {[palette, ...KEYS].map(([keys, text]) => (
          <div key={text} className="flex items-center justify-between gap-4 py-2">
            <dt>{text}</dt>
            <dd className="flex items-center gap-1.5 text-xs text-muted">
              {keys.map((key, index) => (
                <span key={key} className="flex items-center gap-1.5">
                  {index > 0 && t.shortcuts.thenKey}
                  <Kbd>{key}</Kbd>
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
