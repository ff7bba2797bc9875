import { isProblem, type OnboardingChange, type OnboardingProgress } from "@/lib/api";
import { type Answers, answersOf, differences, formOf } from "./form";

export const PAUSE_MS = 2_000;
export const RETRY_MS = 5_000;

type Put = (change: OnboardingChange) => Promise<OnboardingProgress>;

/** `refused`: the server does not take these answers, so only another change helps; `failed` is tried again. */
export type Phase = "clean" | "waiting" | "saving" | "saved" | "failed" | "refused";

export type Draft = {
  progress: OnboardingProgress;
  stage: string;
  values: Answers;
  phase: Phase;
  savedAt: number | null;
  error: unknown;
  /** What is wrong with an answer, by its name; told until that answer changes. */
  faults: Readonly<Record<string, string>>;
  /** What was saved elsewhere meanwhile and says something else. */
  theirs: OnboardingProgress | null;
};

/**
 * One stage's answers on their way to the server: saved two seconds after the last change, one request at a time,
 * tried again when the line fails, and held when somebody else has changed the same answers.
 */
export class Autosave {
  private state: Draft;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private running: Promise<boolean> | null = null;
  private dirty = false;

  constructor(
    progress: OnboardingProgress,
    stage: string,
    private readonly put: Put,
    private readonly onSaved: (progress: OnboardingProgress) => void = () => {},
  ) {
    const values = answersOf(progress, stage);
    const nothing = { savedAt: null, error: null, faults: {}, theirs: null };
    this.state = { progress, stage, values, phase: "clean", ...nothing };
  }

  readonly snapshot = (): Draft => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  change(part: Answers): void {
    this.dirty = true;
    const left = Object.entries(this.state.faults).filter(([name]) => !(name in part));
    this.set({
      values: { ...this.state.values, ...part },
      faults: Object.fromEntries(left),
      phase: "waiting",
      error: null,
    });
    this.schedule(PAUSE_MS);
  }

  /** Shows another stage once this one is saved; answers false where it could not be. */
  async open(stage: string): Promise<boolean> {
    if (!(await this.flush())) return false;
    const values = answersOf(this.state.progress, stage);
    this.set({ stage, values, phase: "clean", error: null, faults: {} });
    return true;
  }

  /** Saves at once what is not saved yet; answers whether everything is. */
  async flush(): Promise<boolean> {
    this.cancel();
    while (this.running) await this.running;
    if (this.state.theirs) return false;
    return this.dirty ? this.send(false) : true;
  }

  /** Says that the stage is done: the server checks its answers. Answers false where they don't fit. */
  async advance(part: Answers = {}): Promise<boolean> {
    this.cancel();
    while (this.running) await this.running;
    this.set({ values: { ...this.state.values, ...part }, faults: {} });
    if (await this.send(true)) return true;
    // What does not fit is no less worth keeping.
    if (this.state.phase === "refused") await this.send(false);
    return false;
  }

  keepMine(): Promise<boolean> {
    this.adopt();
    this.dirty = true;
    return this.flush();
  }

  takeTheirs(): void {
    this.adopt();
    this.dirty = false;
    this.set({ values: answersOf(this.state.progress, this.state.stage), phase: "saved" });
  }

  private adopt(): void {
    const { theirs } = this.state;
    if (!theirs) return;
    this.set({ progress: theirs, theirs: null, error: null });
    this.onSaved(theirs);
  }

  private send(advance: boolean): Promise<boolean> {
    this.running = this.sent(advance).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async sent(advance: boolean, again = false): Promise<boolean> {
    const { stage, values, progress } = this.state;
    this.dirty = false;
    this.set({ phase: "saving", error: null });
    try {
      const saved = await this.put({ stage, values, version: progress.version, advance });
      this.set({ progress: saved, phase: this.dirty ? "waiting" : "saved", savedAt: Date.now() });
      this.onSaved(saved);
      return true;
    } catch (error) {
      this.dirty = true;
      const theirs = savedElsewhere(error);
      if (!theirs) return this.failed(error);
      if (this.differs(theirs) || again) {
        this.set({ theirs, phase: "clean" });
        return false;
      }
      this.set({ progress: theirs });
      return this.sent(advance, true);
    }
  }

  private failed(error: unknown): false {
    const lasting = isProblem(error) && error.status >= 400 && error.status < 500 && error.status !== 429;
    const fields = isProblem(error) ? error.fields : {};
    const told = Object.keys(fields).length > 0;
    this.set({
      phase: lasting ? "refused" : "failed",
      error: told ? null : error,
      ...(told && { faults: fields }),
    });
    if (!lasting) this.schedule(RETRY_MS);
    return false;
  }

  /** Whether the stage that is open was answered differently elsewhere; other stages are no conflict. */
  private differs(theirs: OnboardingProgress): boolean {
    const stage = theirs.stages.find(({ name }) => name === this.state.stage);
    const { values } = this.state;
    return !stage || differences(formOf(stage), values, answersOf(theirs, stage.name)).length > 0;
  }

  private schedule(wait_ms: number): void {
    this.cancel();
    this.timer = setTimeout(() => void this.flush(), wait_ms);
  }

  private cancel(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private set(part: Partial<Draft>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}

function savedElsewhere(error: unknown): OnboardingProgress | null {
  if (!isProblem(error) || error.code !== "onboarding_edited_elsewhere") return null;
  return error.members.current as OnboardingProgress;
}
