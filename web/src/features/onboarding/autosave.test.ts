import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, type OnboardingChange, type OnboardingProgress } from "@/lib/api";
import { Autosave, PAUSE_MS, RETRY_MS } from "./autosave";

const FORM = {
  type: "object",
  properties: { units: { type: "string", title: "Units" }, home: { type: "string", title: "Home" } },
  required: ["units"],
};

function progress(version: number, about: Record<string, unknown> = {}): OnboardingProgress {
  const stage = { name: "about", title: "About", lead: "", schema: FORM, state: "current" as const };
  const other = { ...stage, name: "work", state: "todo" as const };
  return {
    flow: "athlete",
    role: "athlete",
    stage: "about",
    stages: [stage, other],
    values: { about },
    version,
    terms: null,
    completed_at: null,
  };
}

/** A server that keeps the last change; `next` fails the next call. */
function server(start = progress(0)) {
  const calls: OnboardingChange[] = [];
  const state = { now: start, next: null as unknown };
  const put = async (change: OnboardingChange) => {
    calls.push(change);
    const failure = state.next;
    state.next = null;
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (failure) throw failure;
    if (change.version !== state.now.version) throw elsewhere(state.now);
    state.now = progress(change.version + 1, change.values);
    return state.now;
  };
  return { put, calls, state };
}

const elsewhere = (current: OnboardingProgress) =>
  new ApiProblem({
    type: "about:blank",
    title: "Edited elsewhere",
    status: 409,
    code: "onboarding_edited_elsewhere",
    ...{ current },
  });
const refused = (field: string) =>
  new ApiProblem({
    type: "about:blank",
    title: "Some fields are not valid.",
    status: 422,
    code: "invalid_input",
    errors: [{ field: `values.${field}`, code: "missing", message: "Answer this." }],
  });
const offline = () =>
  new ApiProblem({ type: "about:blank", title: "No connection", status: 0, code: "offline" });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("Autosave", () => {
  it("saves two seconds after the last key, once", async () => {
    const { put, calls } = server();
    const autosave = new Autosave(progress(0), "about", put);
    for (const home of ["E", "Eu", "Eur"]) {
      autosave.change({ home });
      await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
    }
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(autosave.snapshot().phase).toBe("saving");
    await vi.advanceTimersByTimeAsync(100);
    expect(calls).toEqual([{ stage: "about", values: { home: "Eur" }, version: 0, advance: false }]);
    expect(autosave.snapshot()).toMatchObject({ phase: "saved", savedAt: Date.now() });
    expect(autosave.snapshot().progress.version).toBe(1);
  });

  it("saves what is typed while it saves afterwards, with the new version", async () => {
    const { put, calls } = server();
    const autosave = new Autosave(progress(0), "about", put);
    autosave.change({ home: "a" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 50);
    autosave.change({ home: "ab" });
    await vi.advanceTimersByTimeAsync(50);
    expect(autosave.snapshot()).toMatchObject({ phase: "waiting", values: { home: "ab" } });
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 100);
    expect(calls.map(({ values, version }) => [values.home, version])).toEqual([
      ["a", 0],
      ["ab", 1],
    ]);
    expect(autosave.snapshot().phase).toBe("saved");
  });

  it("saves at once when flushed, and nothing when nothing changed", async () => {
    const { put, calls } = server();
    const autosave = new Autosave(progress(0), "about", put);
    expect(await autosave.flush()).toBe(true);
    autosave.change({ units: "metric" });
    const flushed = autosave.flush();
    await vi.advanceTimersByTimeAsync(100);
    expect(await flushed).toBe(true);
    await vi.advanceTimersByTimeAsync(PAUSE_MS * 2);
    expect(calls).toHaveLength(1);
  });

  it("tries again by itself when the line fails, and loses nothing", async () => {
    const { put, calls, state } = server();
    state.next = offline();
    const autosave = new Autosave(progress(0), "about", put);
    autosave.change({ units: "metric" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 100);
    expect(autosave.snapshot().phase).toBe("failed");
    await vi.advanceTimersByTimeAsync(RETRY_MS + 100);
    expect(autosave.snapshot()).toMatchObject({ phase: "saved", error: null });
    expect(calls).toHaveLength(2);
    expect(state.now.values.about).toEqual({ units: "metric" });
  });

  it("names what does not fit, keeps it as a draft, and forgets a fault with its change", async () => {
    const { put, calls, state } = server();
    state.next = refused("units");
    const autosave = new Autosave(progress(0), "about", put);
    const advanced = autosave.advance({ home: "Europe/Zurich" });
    await vi.advanceTimersByTimeAsync(200);
    expect(await advanced).toBe(false);
    expect(autosave.snapshot()).toMatchObject({ phase: "saved", faults: { units: "Answer this." } });
    expect(calls.map(({ advance }) => advance)).toEqual([true, false]);
    autosave.change({ home: "Europe/Oslo" });
    expect(autosave.snapshot().faults).toEqual({ units: "Answer this." });
    autosave.change({ units: "metric" });
    expect(autosave.snapshot().faults).toEqual({});
  });

  it("opens another stage only once this one is saved", async () => {
    const { put, calls, state } = server();
    const autosave = new Autosave(progress(0), "about", put);
    autosave.change({ units: "metric" });
    state.next = offline();
    const failed = autosave.open("work");
    await vi.advanceTimersByTimeAsync(100);
    expect(await failed).toBe(false);
    expect(autosave.snapshot().stage).toBe("about");
    const opened = autosave.open("work");
    await vi.advanceTimersByTimeAsync(100);
    expect(await opened).toBe(true);
    expect(autosave.snapshot()).toMatchObject({ stage: "work", values: {}, phase: "clean" });
    expect(calls).toHaveLength(2);
  });
});

describe("Autosave, edited elsewhere", () => {
  async function conflicting(theirs: Record<string, unknown>) {
    const there = server(progress(4, theirs));
    const autosave = new Autosave(progress(3), "about", there.put);
    autosave.change({ units: "metric", home: "" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 100);
    return { ...there, autosave };
  }

  it("asks, and sends nothing until it is answered", async () => {
    const { autosave, calls } = await conflicting({ units: "imperial" });
    expect(autosave.snapshot().theirs?.version).toBe(4);
    autosave.change({ home: "x" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS * 3);
    expect(await autosave.flush()).toBe(false);
    expect(calls).toHaveLength(1);
  });

  it("keeps mine over theirs", async () => {
    const { autosave, state } = await conflicting({ units: "imperial" });
    const kept = autosave.keepMine();
    await vi.advanceTimersByTimeAsync(100);
    expect(await kept).toBe(true);
    expect(state.now).toMatchObject({ version: 5, values: { about: { units: "metric" } } });
    expect(autosave.snapshot().theirs).toBeNull();
  });

  it("takes theirs and saves nothing", async () => {
    const { autosave, calls } = await conflicting({ units: "imperial" });
    autosave.takeTheirs();
    expect(autosave.snapshot()).toMatchObject({ values: { units: "imperial" }, theirs: null });
    expect(await autosave.flush()).toBe(true);
    expect(calls).toHaveLength(1);
  });

  it("does not ask where both say the same", async () => {
    const { autosave, calls, state } = await conflicting({ units: "metric" });
    await vi.advanceTimersByTimeAsync(100);
    expect(autosave.snapshot()).toMatchObject({ phase: "saved", theirs: null });
    expect(calls.map(({ version }) => version)).toEqual([3, 4]);
    expect(state.now.version).toBe(5);
  });
});
