import { describe, expect, it } from "vitest";
import type { Job } from "./api";
import { type JobPages, replaced } from "./live";

const job = (id: string, done = 0) => ({ id, done }) as Job;
const pages = (...ids: string[][]): JobPages => ({
  pages: ids.map((data) => ({ data: data.map((id) => job(id)), page: { next: null } })),
  pageParams: [],
});
const shown = ({ pages: found }: JobPages) =>
  found.map(({ data }) => data.map((row) => `${row.id}${row.done}`));

describe("a job that has changed", () => {
  it("takes its own place, on whichever page", () => {
    expect(shown(replaced(pages(["a", "b"], ["c"]), job("c", 7)))).toEqual([["a0", "b0"], ["c7"]]);
  });
  it("comes first where it is new", () => {
    expect(shown(replaced(pages(["a"], ["b"]), job("n")))).toEqual([["n0", "a0"], ["b0"]]);
  });
});
