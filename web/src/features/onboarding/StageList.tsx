import { Check } from "lucide-react";
import { cx } from "@/lib/classes";
import * as t from "@/texts/en";
import type { Stage } from "./form";

type Props = { stages: readonly Stage[]; open: string; onOpen(name: string): void };

/** The stages with their state; those that can be opened are buttons. */
export function StageList({ stages, open, onOpen }: Props) {
  return (
    <nav aria-label={t.onboarding.stages}>
      <ol className="flex flex-col gap-0.5 max-md:rounded-xl max-md:border max-md:border-line max-md:bg-surface max-md:p-2">
        {stages.map((stage, index) => (
          <li key={stage.name}>
            <Entry stage={stage} at={index + 1} open={stage.name === open} onOpen={onOpen} />
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Entry({
  stage,
  at,
  open,
  onOpen,
}: {
  stage: Stage;
  at: number;
  open: boolean;
  onOpen: Props["onOpen"];
}) {
  const done = stage.state === "done";
  return (
    <button
      type="button"
      disabled={stage.state === "todo"}
      aria-current={open ? "step" : undefined}
      onClick={() => onOpen(stage.name)}
      className={cx(
        "flex min-h-11 w-full items-center gap-2.5 rounded-md px-2.5 py-1 text-left text-sm",
        open ? "bg-sunken font-medium" : "enabled:hover:bg-sunken",
        stage.state === "todo" && "text-muted",
      )}
    >
      <span
        aria-hidden
        className={cx(
          "figures flex size-6 shrink-0 items-center justify-center rounded-full border text-xs",
          done ? "border-transparent bg-ok-soft text-ok" : "border-control/60",
          open && !done && "border-accent text-accent",
        )}
      >
        {done ? <Check size={14} strokeWidth={2.5} /> : at}
      </span>
      <span className="min-w-0 flex-1">{stage.title}</span>
      <span className="text-xs font-normal text-muted">{t.onboarding.states[stage.state]}</span>
    </button>
  );
}
