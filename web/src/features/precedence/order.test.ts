import { expect, test } from "vitest";
import { draftOf, moved, orderOf, usualDraft } from "./order";

const USUAL = ["garmin", "polar", "strava"];
const BODY = ["whoop", "garmin"];
const known = (order: Record<string, string[]>) => ({
  order,
  usual: USUAL,
  usual_of_biometrics: BODY,
  job_id: null,
});

test("the usual order needs no word", () => {
  const draft = draftOf(known({}));
  expect(draft).toEqual({ rankings: { "*": USUAL, biometrics: BODY }, first: {} });
  expect(orderOf(draft, known({}))).toEqual({});
});

test("whoever was put first comes first, the others as usual", () => {
  expect(draftOf(known({ "*": ["strava"], biometrics: ["garmin"], power_w: ["polar"] }))).toEqual({
    rankings: { "*": ["strava", "garmin", "polar"], biometrics: ["garmin", "whoop"] },
    first: { power_w: "polar" },
  });
});

test("what the page does not show stays as it was", () => {
  const before = known({ distance_m: ["file"], power_w: ["polar", "garmin"], "*": ["polar"] });
  const draft = { ...draftOf(before), first: { power_w: "garmin" } };
  expect(orderOf(draft, before)).toEqual({
    distance_m: ["file"],
    "*": ["polar", "garmin", "strava"],
    power_w: ["garmin", "polar"],
  });
  expect(orderOf(usualDraft(before), before)).toEqual({ distance_m: ["file"] });
});

test("one moves up or down, and none over the edge", () => {
  expect(moved(USUAL, 2, -1)).toEqual(["garmin", "strava", "polar"]);
  expect(moved(USUAL, 0, 1)).toEqual(["polar", "garmin", "strava"]);
  expect(moved(USUAL, 0, -1)).toEqual(USUAL);
  expect(moved(USUAL, 2, 1)).toEqual(USUAL);
});
