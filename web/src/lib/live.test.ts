import { describe, expect, it } from "vitest";
import type { Job } from "./api";
import { type JobPages, replaced } from "./live";

const job = (id: string, done = 0, state = "running") => ({ id, done, state }) as Job;
const pages = (next: string | null, ...ids: string[][]): JobPages => ({
  pages: ids.map((data) => ({ data: data.map((id) => job(id)), page: { next } })),
  pageParams: [],
});
const shown = ({ pages: found }: JobPages) =>
  found.map(({ data }) => data.map((row) => `${row.id}${row.done}`));

describe("a job that has changed", () => {
  it("takes its own place, on whichever page", () => {
    expect(shown(replaced(pages(null, ["f", "e"], ["b"]), job("b", 7), ""))).toEqual([["f0", "e0"], ["b7"]]);
  });
  it.each([
    ["g", [["g1", "f0", "e0"], ["b0"]]],
    [
      "d",
      [
        ["f0", "e0"],
        ["d1", "b0"],
      ],
    ],
    [
      "a",
      [
        ["f0", "e0"],
        ["b0", "a1"],
      ],
    ],
  ])("stands in order where it is new: %s", (id, expected) => {
    expect(shown(replaced(pages(null, ["f", "e"], ["b"]), job(id, 1), ""))).toEqual(expected);
  });
  it("waits for its page where that is not read yet", () => {
    expect(shown(replaced(pages("more", ["f", "e"]), job("a"), ""))).toEqual([["f0", "e0"]]);
  });
  it("leaves a list of another state, and comes into one of its own", () => {
    const failed = job("e", 3, "failed");
    expect(shown(replaced(pages(null, ["f", "e"]), failed, "running"))).toEqual([["f0"]]);
    expect(shown(replaced(pages(null, ["f"]), failed, "running"))).toEqual([["f0"]]);
    expect(shown(replaced(pages(null, ["f"]), failed, "failed"))).toEqual([["f0", "e3"]]);
  });
});
