// Prints the compressed JavaScript that each page names in its HTML, and fails beyond what the pages may weigh.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const OUT = "out";
const MOST_KB = {
  "sign-in.html": 160,
  "sign-up.html": 160,
  "workouts.html": 250,
  "workouts/_.html": 250,
  "calendar.html": 250,
  "athletes.html": 250,
  "uploads.html": 250,
  "duplicates.html": 250,
  "organization/members.html": 250,
  "organization/roles.html": 250,
  "organization/audit.html": 250,
  "settings/security.html": 250,
  "organization/settings.html": 250,
  "settings/api-keys.html": 250,
  "settings/access.html": 250,
  "operator.html": 250,
  "operator/organizations/_.html": 250,
};

let failed = false;
for (const [page, most] of Object.entries(MOST_KB)) {
  const html = readFileSync(join(OUT, page), "utf8");
  const scripts = new Set(
    [...html.matchAll(/<script[^>]+src="([^"]+\.js)"(?![^>]*noModule)/gi)].map((match) => match[1]),
  );
  const bytes = [...scripts].reduce(
    (sum, src) => sum + gzipSync(readFileSync(join(OUT, src)), { level: 6 }).length,
    0,
  );
  const kb = Math.round(bytes / 1000);
  failed ||= kb > most;
  process.stdout.write(`${page}: ${kb} kB of ${most}\n`);
}
process.exit(failed ? 1 : 0);
