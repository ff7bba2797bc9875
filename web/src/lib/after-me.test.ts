import { expect, it, vi } from "vitest";
import { afterMe } from "./after-me";

const query = { data: undefined, error: null, refetch: vi.fn() };

it("fails with what it waits for, and asks for that again", () => {
  const me = { data: undefined, error: new Error("away"), refetch: vi.fn() };
  const failed = afterMe(query, me);
  expect(failed.error).toBe(me.error);
  failed.refetch();
  expect(me.refetch).toHaveBeenCalledOnce();
  expect(query.refetch).not.toHaveBeenCalled();
});

it("is itself once that is known, and while it is on its way", () => {
  expect(afterMe(query, { data: { id: 1 }, error: new Error("late"), refetch: vi.fn() })).toBe(query);
  expect(afterMe(query, { data: undefined, error: null, refetch: vi.fn() })).toBe(query);
});
