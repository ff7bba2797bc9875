import { afterEach, expect, it, vi } from "vitest";
import { answerStepUp, enrolmentDue, onEnrolmentDue, proveAgain } from "./step-up";

let end = () => {};
afterEach(() => end());

it("lets nothing be repeated where nobody can be asked", async () => {
  expect(await proveAgain()).toBe(false);
});

it("asks once for all that wait, and anew afterwards", async () => {
  let answer: (proved: boolean) => void = () => {};
  const dialog = vi.fn(() => new Promise<boolean>((resolve) => (answer = resolve)));
  end = answerStepUp(dialog);
  const both = Promise.all([proveAgain(), proveAgain()]);
  answer(true);
  expect(await both).toEqual([true, true]);
  const third = proveAgain();
  answer(false);
  expect(await third).toBe(false);
  expect(dialog).toHaveBeenCalledTimes(2);
});

it("asks anew after a dialog that failed", async () => {
  end = answerStepUp(() => Promise.reject(new Error("gone")));
  await expect(proveAgain()).rejects.toThrow("gone");
  end = answerStepUp(() => Promise.resolve(true));
  expect(await proveAgain()).toBe(true);
});

it("keeps the newer dialog when the older one ends", async () => {
  const older = answerStepUp(() => Promise.resolve(false));
  end = answerStepUp(() => Promise.resolve(true));
  older();
  expect(await proveAgain()).toBe(true);
});

it("tells that a second factor is demanded until one stops listening", () => {
  const listener = vi.fn();
  const stop = onEnrolmentDue(listener);
  enrolmentDue();
  stop();
  enrolmentDue();
  expect(listener).toHaveBeenCalledTimes(1);
});
