import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const OUT = new URL("../out/", import.meta.url).pathname;
const B = JSON.parse(readFileSync(join(OUT, "_build.json"), "utf8"));
const shells = Object.entries(B.shells).map(([k, v]) => [new RegExp(k), v]);
const T = {
  ".html": "text/html; charset=utf-8",
  ".txt": "text/x-component",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};
const csp = (f) =>
  `default-src 'none'; script-src 'self'${(B.hashes[f] ?? []).map((h) => ` '${h}'`).join("")}; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types default nextjs nextjs#bundler`;
let mode = "full",
  signedIn = false,
  expired = false;
let seed = 7;
const rnd = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const SP = [
  ["run", "trail"],
  ["run", "road"],
  ["ride", "road"],
  ["ride", "indoor"],
  ["swim", "pool"],
  ["walk", null],
  ["strength", null],
  ["row", "indoor"],
];
const TITLES = ["Morning", "Lunch", "Afternoon", "Evening"];
const DEV = [
  ["garmin", "Garmin Edge 820"],
  ["garmin", "Garmin Forerunner 935"],
  ["polar", "Polar Vantage V2"],
  ["strava", null],
  ["wahoo", "Wahoo ELEMNT"],
];
const W = Array.from({ length: 10400 }, (_, i) => {
  const [sport, sub_sport] = SP[Math.floor(rnd() * SP.length)];
  const d = 1200 + rnd() * 9000;
  const v = { run: 3, ride: 8, swim: 0.9, walk: 1.5, row: 4 }[sport];
  const start = Date.UTC(2026, 10, 20, 6) - i * 1000 * 3600 * 9 - rnd() * 3e6;
  const n = rnd() < 0.25 ? 2 + Math.floor(rnd() * 2) : 1;
  const vv = v && v * (0.85 + rnd() * 0.3);
  return {
    id: `0199f3a0-0000-7000-8000-${String(i).padStart(12, "0")}`,
    athlete_id: "a",
    start_time: new Date(start).toISOString(),
    timezone: i % 9 === 0 ? "Asia/Tokyo" : "Europe/Vienna",
    local_start_time: new Date(start + 3600e3).toISOString().replace("Z", "+01:00"),
    sport,
    sub_sport,
    title:
      i === 3
        ? "A very long title of a workout that somebody wrote down to remember the whole route over the hills and back along the river"
        : `${TITLES[i % 4]} ${{ strength: "strength training" }[sport] ?? sport}`,
    duration_s: d,
    moving_time_s: d * 0.96,
    distance_m: vv ? d * 0.96 * vv : null,
    ascent_m: vv ? rnd() * 900 : null,
    energy_kcal: d / 6,
    avg_hr_bpm: 120 + rnd() * 40,
    max_hr_bpm: 175,
    avg_power_w: sport === "ride" ? 150 + rnd() * 90 : null,
    max_power_w: sport === "ride" ? 640 : null,
    avg_cadence_rpm: 85,
    avg_speed_mps: vv ?? null,
    quality_score: i % 13 === 0 ? 0.7 : 1,
    flags: i % 13 === 0 ? ["truncated"] : i % 3 ? [] : ["derived"],
    sources: Array.from({ length: n }, (_, k) => {
      const [provider, device] = DEV[(i + k) % DEV.length];
      return { id: `s${i}-${k}`, provider, device, external_id: null };
    }),
    parts:
      i === 5
        ? [
            ["swim", 1700, 1500],
            ["transition", 180, null],
            ["ride", 4400, 40000],
            ["transition", 90, null],
            ["run", 2600, 10000],
          ].map(([s, t, m], x) => ({
            index: x,
            sport: s,
            sub_sport: null,
            start_time: new Date(start + x * 1e6).toISOString(),
            duration_s: t,
            moving_time_s: t,
            distance_m: m,
            source_id: `s${i}-0`,
          }))
        : [],
    load: null,
  };
});
const version = {};
const detail = (w) => ({
  ...w,
  version: version[w.id] ?? 1,
  sources: w.sources.map((s, k) => ({
    ...s,
    file: {
      id: s.id,
      name: k ? "activity_20413377_resaved_copy.fit" : "2026-11-20-06-00-12.fit",
      bytes: 184213,
      href: `/api/v1/files/${s.id}`,
    },
    start_time: w.start_time,
    duration_s: w.duration_s,
    imported_at: new Date(Date.now() - 8e7).toISOString(),
  })),
  notes: w.flags
    .map((c) => ({ code: c, text: "The file ends in the middle; everything before the break was kept." }))
    .filter((n) => n.code === "truncated"),
  provenance: Object.fromEntries(
    [
      "distance_m",
      "duration_s",
      "moving_time_s",
      "avg_speed_mps",
      "avg_hr_bpm",
      "max_hr_bpm",
      "avg_power_w",
      "ascent_m",
      "energy_kcal",
    ].map((f) => [
      f,
      {
        value: w[f],
        source_id: w.sources[0].id,
        rule: w.sources[1] ? "precedence" : "only",
        unit_original: f === "distance_m" ? "miles" : null,
        value_original: f === "distance_m" && w.distance_m ? w.distance_m / 1609.344 : null,
        alternatives: w.sources
          .slice(1)
          .map((s) => ({ source_id: s.id, value: typeof w[f] === "number" ? w[f] * 1.03 : null })),
      },
    ]),
  ),
  conflicts: w.sources[1]
    ? [
        {
          field: "distance_m",
          kept: { source_id: w.sources[0].id, value: w.distance_m },
          lost: { source_id: w.sources[1].id, value: (w.distance_m ?? 0) * 1.03 },
          difference: 300,
        },
        {
          field: "avg_hr_bpm",
          kept: { source_id: w.sources[0].id, value: w.avg_hr_bpm },
          lost: { source_id: w.sources[1].id, value: w.avg_hr_bpm + 4 },
          difference: 4,
        },
      ]
    : [],
  laps:
    w.distance_m && w.sport !== "swim"
      ? Array.from({ length: 8 }, (_, k) => ({
          start_s: (k * w.duration_s) / 8,
          duration_s: w.duration_s / 8,
          moving_time_s: w.duration_s / 8 - 4,
          distance_m: w.distance_m / 8,
          ascent_m: 20 + k,
          energy_kcal: 60,
          avg_hr_bpm: 140 + k,
          max_hr_bpm: 160 + k,
          avg_power_w: w.avg_power_w,
          avg_cadence_rpm: 86,
          trigger: "distance",
        }))
      : [],
  lengths:
    w.sport === "swim"
      ? Array.from({ length: 30 }, (_, k) => ({
          start_s: k * 40,
          duration_s: 26 + (k % 5),
          active: k % 8 !== 7,
          stroke: ["freestyle", "breaststroke"][k % 2],
          strokes: 14 + (k % 4),
        }))
      : [],
  channels: w.sport === "strength" ? {} : { heart_rate_bpm: { source_id: w.sources[0].id, unit: "bpm" } },
  edits: [],
});
const streams = (w) => {
  const n = 3000,
    t = Array.from({ length: n }, (_, i) => (i * w.duration_s) / n),
    hole = (i) => i > 1400 && i < 1550;
  const f = (g) => t.map((_, i) => (hole(i) ? null : g(i)));
  const s = { time_s: t, heart_rate_bpm: f((i) => 130 + 25 * Math.sin(i / 200) + 6 * Math.sin(i / 9)) };
  if (w.avg_speed_mps) {
    s.speed_mps = f((i) =>
      Math.max(0, w.avg_speed_mps * (1 + 0.25 * Math.sin(i / 120) + 0.12 * Math.sin(i / 5))),
    );
    s.cadence_rpm = f((i) => 86 + 5 * Math.sin(i / 30));
    if (w.sport !== "swim" && w.sub_sport !== "indoor") {
      s.altitude_m = t.map((_, i) => 420 + 160 * Math.sin(i / 500) + 30 * Math.sin(i / 90));
      s.latitude_deg = t.map((_, i) => 48.2 + 0.03 * Math.sin(i / 480) + 0.004 * Math.sin(i / 60));
      s.longitude_deg = t.map((_, i) => 16.37 + 0.06 * Math.cos(i / 480) + 0.005 * Math.cos(i / 41));
    }
    if (w.sport === "ride")
      s.power_w = f((i) => Math.max(0, 190 + 120 * Math.sin(i / 60) + 90 * Math.sin(i / 4)));
    s.temperature_c = t.map((_, i) => 12 + 3 * Math.sin(i / 900));
  }
  return s;
};
const jobs = {};
let serial = 0;
const mkJob = (names, age = 0) => {
  const id = `j${++serial}`;
  jobs[id] = {
    id,
    kind: "fitness.import",
    names,
    t0: Date.now() - age,
    created_at: new Date(Date.now() - age).toISOString(),
  };
  return id;
};
const viewJob = (j) => {
  const done = Math.min(j.names.length, Math.floor((Date.now() - j.t0) / 900));
  const st = done >= j.names.length ? "succeeded" : done ? "running" : "queued";
  return {
    id: j.id,
    kind: j.kind,
    state: st,
    done,
    total: j.names.length,
    error: null,
    created_at: j.created_at,
    started_at: j.created_at,
    finished_at: null,
    result: {
      files: j.names.slice(0, done).map((name, i) =>
        /dup/.test(name)
          ? { name, state: "duplicate", workout_ids: [W[i].id], code: "same_payload" }
          : /bad|txt/.test(name)
            ? {
                name,
                state: "refused",
                workout_ids: [],
                code: "unsupported_format",
                detail:
                  "This is none of FIT, TCX, GPX, an Apple Health export, or a ZIP of these. Export the activity in one of these formats.",
              }
            : /part/.test(name)
              ? {
                  name,
                  state: "partial",
                  workout_ids: [W[i].id],
                  code: "truncated",
                  detail: "The file ends in the middle; everything before the break was kept.",
                }
              : { name, state: "imported", workout_ids: [W[i].id] },
      ),
    },
  };
};
mkJob(["2026-11-18.fit", "2026-11-17-bad.txt", "2026-11-16-part.fit", "dup.fit", "lake.gpx"], 86400e3 * 2);
const matches = [0, 1, 2].map((i) => ({
  id: `m${i}`,
  state: "open",
  score: 0.62 + i * 0.1,
  created_at: new Date().toISOString(),
  reasons: [
    { feature: "start", text: "They start 224 s apart.", a: null, b: null },
    { feature: "distance", text: "Distances differ by 3 %.", a: null, b: null },
    { feature: "device", text: "Two different devices.", a: null, b: null },
  ],
  workouts: [
    W[i * 7 + 1],
    {
      ...W[i * 7 + 1],
      id: W[i * 7 + 2].id,
      start_time: new Date(Date.parse(W[i * 7 + 1].start_time) + 224e3).toISOString(),
      distance_m: (W[i * 7 + 1].distance_m ?? 0) * 1.09,
      moving_time_s: W[i * 7 + 1].moving_time_s * 1.01,
      avg_power_w: null,
      title: `${W[i * 7 + 1].title} (copy)`,
      sources: [{ id: "x", provider: "strava", device: null, external_id: "1" }],
    },
  ],
}));
const ME = {
  user: { id: "u", email: "mara@example.org", name: "Mara Lindqvist", email_verified: true },
  account: { id: "a", organization_id: "o", role: "owner" },
  accounts: [],
  organization: { id: "o", name: "Harbour Athletics", kind: "team", state: "active" },
  permissions: [],
};
const body = (q) =>
  new Promise((r) => {
    const c = [];
    q.on("data", (d) => c.push(d));
    q.on("end", () => r(Buffer.concat(c)));
  });
const server = createServer(async (q, r) => {
  const u = new URL(q.url, "http://x"),
    p = u.pathname,
    m = q.method,
    g = Object.fromEntries(u.searchParams);
  const json = (s, o, h = {}) => {
    r.writeHead(s, { "content-type": s < 400 ? "application/json" : "application/problem+json", ...h });
    r.end(o === undefined ? "" : JSON.stringify(o));
  };
  const prob = (s, code, title, more = {}, h) =>
    json(
      s,
      {
        type: "about:blank",
        status: s,
        code,
        title,
        detail: title,
        request_id: "0199f3a1-77aa-7c31-9f4e-5b1d",
        ...more,
      },
      h,
    );
  if (p === "/mock") {
    mode = g.m ?? mode;
    if (g.signed) signedIn = g.signed === "1";
    if (g.expired) expired = true;
    return json(200, { mode, signedIn });
  }
  if (p.startsWith("/api/")) {
    const a = p.slice(8),
      raw = m === "GET" ? null : await body(q);
    if (mode === "slow") await new Promise((x) => setTimeout(x, 2500));
    if (a === "auth/csrf-token") return json(200, { data: { csrf_token: "t" } });
    if (m !== "GET" && q.headers["x-csrf-token"] !== "t") return prob(403, "csrf_refused", "No CSRF token");
    if (a === "auth/refresh") {
      expired = false;
      return signedIn
        ? json(200, { data: { expires_in: 900, account: ME.account } })
        : prob(401, "refresh_token_invalid", "The refresh token is not valid any more; sign in again.");
    }
    if (a === "auth/login") {
      const b = JSON.parse(raw);
      if (b.password !== "correct horse battery")
        return prob(401, "invalid_credentials", "Email and password don't match.");
      signedIn = true;
      return json(200, { data: { expires_in: 900, account: ME.account } });
    }
    if (a === "auth/register") {
      const b = JSON.parse(raw);
      if (/taken/.test(b.email))
        return prob(422, "invalid_input", "Some fields are not valid.", {
          errors: [{ field: "password", code: "weak", message: "This password is easy to guess." }],
        });
      return json(202, { data: { email: b.email } });
    }
    if (a === "auth/resend-code") return json(202, { data: {} });
    if (a === "auth/verify-email") {
      const b = JSON.parse(raw);
      if (b.code !== "123456")
        return prob(401, "invalid_code", "The code is wrong or has expired; ask for a new one.");
      signedIn = true;
      return json(200, { data: { expires_in: 900, account: ME.account } });
    }
    if (!signedIn) return prob(401, "not_authenticated", "Sign in to do this.");
    if (expired) return prob(401, "token_expired", "expired");
    if (a === "auth/me") return json(200, { data: ME });
    if (a === "auth/logout") {
      signedIn = false;
      r.writeHead(204);
      return r.end();
    }
    if (mode === "fail") return prob(500, "internal_error", "Something went wrong on our side.");
    if (mode === "429")
      return prob(429, "rate_limited", "Too many requests; wait a moment.", {}, { "Retry-After": "12" });
    if (a === "uploads" && m === "POST") {
      const names = [...raw.toString("latin1").matchAll(/filename="([^"]+)"/g)].map((x) => x[1]);
      return json(202, { data: { job_id: mkJob(names) } });
    }
    if (a === "uploads")
      return json(200, {
        data: mode === "empty" ? [] : Object.values(jobs).map(viewJob).reverse(),
        page: { next: null, limit: 20 },
      });
    let x = a.match(/^jobs\/(\w+)$/);
    if (x) return jobs[x[1]] ? json(200, { data: viewJob(jobs[x[1]]) }) : prob(404, "not_found", "gone");
    if (a === "workouts") {
      let L = mode === "empty" ? [] : W;
      if (g.sport) L = L.filter((w) => w.sport === g.sport);
      if (g.q) L = L.filter((w) => w.title.toLowerCase().includes(g.q.toLowerCase()));
      if (g.min_distance_m) L = L.filter((w) => w.distance_m >= +g.min_distance_m);
      if (g.from) L = L.filter((w) => w.start_time >= g.from);
      if (g.sort && g.sort !== "-start_time") {
        const k = g.sort.replace("-", ""),
          s = g.sort[0] === "-" ? -1 : 1;
        L = [...L].sort((a, b) => (a[k] > b[k] ? s : -s));
      }
      const o = +(g.cursor ?? 0),
        n = +(g.limit ?? 100);
      return json(200, {
        data: L.slice(o, o + n),
        page: { next: o + n < L.length ? String(o + n) : null, limit: n },
      });
    }
    if (a === "workouts/merge")
      return json(200, { data: detail(W.find((w) => w.id === JSON.parse(raw).workout_ids[0])) });
    x = a.match(/^workouts\/([\w-]+)(\/\w+)?$/);
    if (x) {
      const w = W.find((w) => w.id === x[1]);
      if (!w) return prob(404, "not_found", "There is nothing here, or it is not yours.");
      if (x[2] === "/streams") return json(200, { data: streams(w) });
      if (x[2] === "/split") return json(200, { data: { workout_ids: [w.id, W[1].id] } });
      if (m === "PUT") {
        Object.assign(w, JSON.parse(raw));
        version[w.id] = (version[w.id] ?? 1) + 1;
      }
      if (m === "DELETE") {
        r.writeHead(204);
        return r.end();
      }
      return json(200, { data: detail(w) });
    }
    if (a === "matches")
      return json(200, {
        data: mode === "empty" ? [] : matches.filter((y) => y.state === (g.state ?? y.state)),
        page: { next: null, limit: 20 },
      });
    x = a.match(/^matches\/(\w+)\/decision$/);
    if (x) {
      const y = matches.find((z) => z.id === x[1]);
      y.state = JSON.parse(raw).same ? "same" : "different";
      return json(200, { data: { match: y, workout_ids: [y.workouts[0].id] } });
    }
    return prob(404, "not_found", "There is nothing here.");
  }
  const rel = decodeURIComponent(p).replace(/^\/+|\/+$/g, "") || "index";
  let f =
      [rel, `${rel}.html`].find((c) => existsSync(join(OUT, c)) && statSync(join(OUT, c)).isFile()) ??
      shells.find(([k]) => k.test(decodeURIComponent(p)))?.[1],
    st = 200;
  if (!f) {
    f = "404.html";
    st = 404;
  }
  r.writeHead(st, {
    "content-type": T[extname(f)] ?? "application/octet-stream",
    ...(f.endsWith(".html") && { "content-security-policy": csp(f) }),
  });
  r.end(m === "HEAD" ? "" : readFileSync(join(OUT, f)));
});
server.listen(Number(process.env.PORT ?? 8391), "127.0.0.1");
