// After `next build`: adds the page of the API (Swagger UI's files and ours from docs-page/) as out/docs/, then
// writes out/_build.json, from which the server makes a Content-Security-Policy per page
// and finds the page of an address with an unknown id. Fails on markup that such a policy would block.
// Beside what is worth it go .br and .gz, so that neither the server nor a proxy compresses a file when it is asked for.
//   hashes: page → the sha256 sources of its inline scripts
//   shells: pattern of an address → the exported file that answers it ("/workouts/<id>" → "workouts/_.html")
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = "out";
const INLINE_SCRIPT = /<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g;
const FORBIDDEN = [
  ["<style> element", /<style[\s>]/g],
  ["style attribute", /<[a-z][^>]*\sstyle=["']/g],
  ["inline handler", /<[a-z][^>]*\son[a-z]+=["']/g],
  ["javascript: address", /href=["']javascript:/g],
  ["outside address", /<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?:https?:)?\/\//g],
];
const ID = "(?!_)[^/.]+";
const COMPRESSED = /\.(html|txt|js|mjs|css|json|svg|webmanifest)$/;
const LEAST_BYTES = 1_400;
// 11, the utmost, takes eight times as long.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
const API_PAGE = {
  "docs-page": ["index.html", "page.css", "page.js"],
  "node_modules/swagger-ui-dist": ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"],
};

mkdirSync(join(OUT, "docs"), { recursive: true });
for (const [folder, names] of Object.entries(API_PAGE))
  for (const name of names) copyFileSync(join(folder, name), join(OUT, "docs", name));

const files = readdirSync(OUT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(OUT.length + 1))
  .sort();

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const source = (script) => `sha256-${createHash("sha256").update(script, "utf8").digest("base64")}`;

function pattern(segment) {
  if (segment === "_" || segment === "_.html") return ID;
  if (segment === "_.txt") return `${ID}\\.txt`;
  return escaped(segment.replace(/\.html$/, ""));
}

const hashes = {};
const shells = {};
const faults = [];
for (const file of files) {
  const segments = file.split("/");
  if (segments.some((segment) => /^_(\.html|\.txt)?$/.test(segment)))
    shells[`^/${segments.map(pattern).join("/")}$`] = file;
  if (!file.endsWith(".html")) continue;
  const html = readFileSync(join(OUT, file), "utf8");
  hashes[file] = [...new Set([...html.matchAll(INLINE_SCRIPT)].map((match) => source(match[1])))];
  const markup = html.replace(/(<script[^>]*>)[\s\S]*?<\/script>/g, "$1");
  for (const [what, expression] of FORBIDDEN) {
    const found = markup.match(expression);
    if (found) faults.push(`${file}: ${found.length} × ${what}, first: ${found[0].slice(0, 120)}`);
  }
}

if (faults.length > 0) {
  process.stderr.write(`Markup that the policy would block:\n  ${faults.join("\n  ")}\n`);
  process.exit(1);
}
writeFileSync(join(OUT, "_build.json"), `${JSON.stringify({ shells, hashes }, null, 1)}\n`);
for (const file of files.filter((name) => COMPRESSED.test(name))) {
  const content = readFileSync(join(OUT, file));
  if (content.length < LEAST_BYTES) continue;
  writeFileSync(join(OUT, `${file}.br`), brotliCompressSync(content, BROTLI));
  writeFileSync(join(OUT, `${file}.gz`), gzipSync(content, { level: 9 }));
}
process.stdout.write(
  `${Object.keys(hashes).length} pages, ${Object.keys(shells).length} patterns → ${OUT}/_build.json\n`,
);
