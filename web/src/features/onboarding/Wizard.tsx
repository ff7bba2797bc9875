"use client";
import { lazy, Suspense, useEffect, useId, useRef } from "react";
import { useAction } from "@/lib/action";
import { completeOnboarding, type OnboardingProgress } from "@/lib/api";
import { useNavigate } from "@/lib/nav";
import { START } from "@/lib/start";
import * as t from "@/texts/en";
import { Button } from "@/ui/Button";
import { PageHeader } from "@/ui/PageHeader";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { toast } from "@/ui/toast";
import { formOf, type Stage } from "./form";
import { useAutosave } from "./queries";
import { SaveState } from "./SaveState";
import { StageForm, suggested } from "./StageForm";
import { StageList } from "./StageList";
import { TermsForm } from "./TermsForm";

const ConflictDialog = lazy(() => import("./ConflictDialog"));
const s = t.onboarding;

type Props = { progress: OnboardingProgress; onCompleted(progress: OnboardingProgress): void };

const nextOpen = ({ stages }: OnboardingProgress): Stage | undefined =>
  stages.find(({ state }) => state !== "done") ?? stages.at(-1);

export function Wizard({ progress, onCompleted }: Props) {
  const navigate = useNavigate();
  const { autosave, draft } = useAutosave(progress, nextOpen(progress)?.name ?? "");
  const { stages } = draft.progress;
  const at = stages.findIndex(({ name }) => name === draft.stage);
  const stage = stages[at];
  const heading = useHeading(draft.stage);
  const form = useRef<HTMLFormElement>(null);
  const go = useAction(async () => {
    if (!stage) return;
    const given = { ...suggested(formOf(stage), draft.values), ...draft.values };
    if (!(await autosave.advance(given))) return focusFault(form.current);
    const saved = autosave.snapshot().progress;
    const open = saved.stages.find(({ state }) => state !== "done");
    if (open) await autosave.open(open.name);
    else onCompleted(saved.stage === "completed" ? saved : await completeOnboarding());
  });
  if (!stage) return null;
  const leave = async () => {
    if (!(await autosave.flush())) return;
    toast(s.laterSaved);
    navigate.to(START);
  };
  const before = stages[at - 1];
  const problem = go.error ?? draft.error;
  const last = stages.every(({ name, state }) => name === stage.name || state === "done");
  const Questions = stage.name === "terms" ? TermsForm : StageForm;
  return (
    <>
      <PageHeader title={s.title} lead={s.lead} />
      <div className="grid items-start gap-6 md:grid-cols-[13rem_minmax(0,36rem)]">
        <StageList stages={stages} open={stage.name} onOpen={(name) => void autosave.open(name)} />
        {/* Of each stage its own: one that came late, and is of another height, replaces the last and moves nothing. */}
        <form
          key={stage.name}
          ref={form}
          noValidate
          aria-labelledby={heading.id}
          onSubmit={(event) => {
            event.preventDefault();
            void go.start(undefined);
          }}
          onBlur={() => draft.phase === "waiting" && !draft.theirs && void autosave.flush()}
          className="min-w-0 rounded-xl border border-line bg-surface"
        >
          <header className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-5 pt-4">
            <h2
              id={heading.id}
              ref={heading.ref}
              tabIndex={-1}
              className="text-base font-semibold outline-none"
            >
              {stage.title}
            </h2>
            <SaveState phase={draft.phase} savedAt={draft.savedAt} />
            {stage.lead && <p className="w-full text-sm text-pretty text-muted">{stage.lead}</p>}
          </header>
          <div className="flex flex-col gap-6 p-5">
            {problem !== null && <ProblemNotice error={problem} onRetry={() => void autosave.flush()} />}
            <Questions
              stage={stage}
              progress={draft.progress}
              values={draft.values}
              faults={draft.faults}
              onChange={(part) => autosave.change(part)}
            />
          </div>
          <footer className="flex flex-wrap items-center gap-2 border-t border-line px-5 py-4">
            <Button type="submit" look="primary" busy={go.pending}>
              {last ? s.finish : s.proceed}
            </Button>
            {before && <Button onClick={() => void autosave.open(before.name)}>{t.common.back}</Button>}
            <Button look="quiet" className="ml-auto" onClick={() => void leave()}>
              {s.later}
            </Button>
          </footer>
        </form>
      </div>
      {draft.theirs && (
        <Suspense>
          <ConflictDialog
            form={formOf(stage)}
            mine={draft.values}
            theirs={draft.theirs.values[stage.name] ?? {}}
            onKeep={() => void autosave.keepMine()}
            onTake={() => takeTheirs()}
          />
        </Suspense>
      )}
    </>
  );

  function takeTheirs() {
    autosave.takeTheirs();
    const taken = autosave.snapshot().progress;
    if (taken.stage === "completed") onCompleted(taken);
  }
}

/** The heading takes the focus when another stage opens, so that nobody is left where the old one was. */
function useHeading(stage: string) {
  const id = useId();
  const ref = useRef<HTMLHeadingElement>(null);
  const shown = useRef(stage);
  useEffect(() => {
    if (shown.current === stage) return;
    shown.current = stage;
    window.scrollTo(0, 0);
    ref.current?.focus({ preventScroll: true });
  }, [stage]);
  return { id, ref };
}

function focusFault(form: HTMLFormElement | null): void {
  requestAnimationFrame(() =>
    form?.querySelector<HTMLElement>("[aria-invalid=true], [data-fault] input")?.focus(),
  );
}
