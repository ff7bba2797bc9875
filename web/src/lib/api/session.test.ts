import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "./problem";

const LAPSED = new ApiProblem({ type: "", title: "", status: 401, code: "token_expired", detail: "" });
const kept = new Map<string, string>();
const asked: string[] = [];

/** The module anew, as a tab has it that was just opened; storage and cookies are all tabs'. */
async function openTab() {
  vi.resetModules();
  return import("./session");
}

beforeEach(() => {
  kept.clear();
  asked.length = 0;
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  };
  vi.stubGlobal("localStorage", storage);
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path.replace("/api/v1/auth/", ""));
    return Response.json({ data: { csrf_token: "c", expires_in: 900 } });
  });
});
afterEach(() => vi.unstubAllGlobals());

it("renews once for all, and lets who hears late go on with the new session", async () => {
  const tab = await openTab();
  tab.sessionBegan({ expires_in: 1 });
  const old = tab.presentSession();
  const repeated = await Promise.all([tab.mended(LAPSED, old), tab.mended(LAPSED, old)]);
  expect([...repeated, await tab.mended(LAPSED, old)]).toEqual([true, true, true]);
  expect(asked.filter((path) => path === "refresh")).toHaveLength(1);
  await tab.mended(LAPSED, tab.presentSession());
  expect(asked.filter((path) => path === "refresh")).toHaveLength(2);
});

it("takes up what another tab has renewed, with the token that belongs to it", async () => {
  const [one, other] = [await openTab(), await openTab()];
  one.sessionBegan({ expires_in: 1 });
  await other.csrfToken();
  const old = other.presentSession();
  await one.mended(LAPSED, old);
  expect(await other.mended(LAPSED, old)).toBe(true);
  await other.csrfToken();
  expect(asked).toEqual(["csrf-token", "csrf-token", "refresh", "csrf-token"]);
});

it("reads nothing while the session is being ended, and goes on where that comes to nothing", async () => {
  const tab = await openTab();
  const { send, sendLast } = await import("./transport");
  tab.sessionBegan({ expires_in: 900 });
  const answers = new Map<string, () => void>();
  vi.stubGlobal("fetch", (request: Request | string, init: RequestInit) => {
    if (typeof request === "string") return Promise.resolve(Response.json({ data: { csrf_token: "c" } }));
    const path = new URL(request.url).pathname;
    asked.push(path);
    return new Promise<Response>((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      answers.set(path, () => resolve(Response.json({})));
    });
  });
  const call = (path: string, method = "GET") => new Request(`https://rowhouse.test${path}`, { method });
  const settled = vi.fn();
  void send(call("/early")).then(settled, settled);
  await vi.waitFor(() => expect(asked).toEqual(["/early"]));
  const last = sendLast(call("/logout", "POST"));
  void send(call("/late")).then(settled, settled);
  await vi.waitFor(() => expect(asked).toEqual(["/early", "/logout"]));
  answers.get("/logout")?.();
  expect((await last).ok).toBe(true);
  expect(settled).not.toHaveBeenCalled();
  tab.goOnAsking();
  await vi.waitFor(() => expect(asked.slice(2).sort()).toEqual(["/early", "/late"]));
  answers.get("/early")?.();
  answers.get("/late")?.();
  await vi.waitFor(() => expect(settled).toHaveBeenCalledTimes(2));
});
