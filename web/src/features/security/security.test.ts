import encodeQR from "qr";
import { expect, it } from "vitest";
import { suggestedName } from "./passkeyName";
import { drawn } from "./QrCode";
import { strongestFirst } from "./ways";

/** The dark modules of a path of runs, as "x,y". */
function dark(path: string): Set<string> {
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1H(\d+)z/g)].map((run) => run.slice(1).map(Number));
  expect(runs.length).toBeGreaterThan(0);
  return new Set(
    runs.flatMap(([x = 0, y = 0, length = 0]) => Array.from({ length }, (_, step) => `${x + step},${y}`)),
  );
}

it("draws exactly the dark modules, also at the right edge", () => {
  const { size, path } = drawn([
    [true, true, false],
    [false, false, false],
    [true, false, true],
  ]);
  expect(size).toBe(3);
  expect(dark(path)).toEqual(new Set(["0,0", "1,0", "0,2", "2,2"]));
});

it("draws a real code, module by module", () => {
  const modules = encodeQR(
    "otpauth://totp/Rowhouse:ada@example.org?secret=GEZDGNBVGY3TQOJQ&issuer=Rowhouse",
    "raw",
  );
  const wanted = modules.flatMap((row, y) => row.flatMap((on, x) => (on ? [`${x},${y}`] : [])));
  expect(dark(drawn(modules).path)).toEqual(new Set(wanted));
});

it("asks for the strongest proof first, and for no passkey where the browser knows none", () => {
  expect(strongestFirst(["recovery", "totp", "passkey"], true)).toEqual(["passkey", "totp", "recovery"]);
  expect(strongestFirst(["recovery", "totp", "passkey"], false)).toEqual(["totp", "recovery"]);
  expect(strongestFirst(["mail"], true)).toEqual(["mail"]);
});

it.each([
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", "iPhone passkey"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mac passkey"],
  ["Mozilla/5.0 (Linux; Android 15; Pixel 9)", "Android passkey"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Windows passkey"],
  ["something", ""],
])("suggests a name for a passkey: %s", (agent, name) => expect(suggestedName(agent)).toBe(name));
