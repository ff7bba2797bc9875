import type { Streams } from "@/lib/api";

export type Spot = { x: number; y: number };
export type Track = {
  width: number;
  height: number;
  /** One path per unbroken stretch. */
  paths: string[];
  spots: (Spot | null)[];
  start: Spot;
  finish: Spot;
  /** A round length in metres and how long it is in the drawing. */
  scale: { metres: number; width: number };
};

const METRES_PER_DEGREE = 111_320;
const SIZE = 320;
const MARGIN = 18;
const JUMP_S = 300;

/**
 * A track on a plane: equirectangular about its middle, which is true to a few parts in a thousand over a day's
 * distance. Null without at least two positions. North is up; the drawing is at most SIZE wide and high.
 */
export function trackOf({ time_s, latitude_deg, longitude_deg }: Streams): Track | null {
  if (!latitude_deg || !longitude_deg) return null;
  const places = latitude_deg.map((latitude, index) => {
    const longitude = longitude_deg[index];
    return latitude === null || longitude == null ? null : { latitude, longitude };
  });
  const known = places.filter((place) => place !== null);
  if (known.length < 2) return null;
  const [south, north] = bounds(known.map(({ latitude }) => latitude));
  const [west, east] = bounds(known.map(({ longitude }) => longitude));
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const span_m = Math.max((east - west) * shrink, north - south, 1e-5) * METRES_PER_DEGREE;
  const perMetre = (SIZE - 2 * MARGIN) / span_m;
  const perDegree = perMetre * METRES_PER_DEGREE;
  const spots = places.map(
    (place) =>
      place && {
        x: MARGIN + (place.longitude - west) * shrink * perDegree,
        y: MARGIN + (north - place.latitude) * perDegree,
      },
  );
  const drawn = spots.filter((spot) => spot !== null);
  const [start, finish] = [drawn[0], drawn.at(-1)];
  if (!start || !finish) return null;
  return {
    width: Math.max(140, 2 * MARGIN + (east - west) * shrink * perDegree),
    height: Math.max(120, 2 * MARGIN + (north - south) * perDegree),
    paths: pathsOf(spots, time_s),
    spots,
    start,
    finish,
    scale: scaleOf(perMetre),
  };
}

function bounds(values: readonly number[]): [number, number] {
  return values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}

function pathsOf(spots: readonly (Spot | null)[], time_s: readonly number[]): string[] {
  const paths: string[] = [];
  let open = "";
  let last_s = 0;
  const close = () => {
    if (open.includes("L")) paths.push(open);
    open = "";
  };
  for (const [index, spot] of spots.entries()) {
    if (!spot) continue;
    const now_s = time_s[index] ?? 0;
    if (now_s - last_s > JUMP_S) close();
    open += `${open ? "L" : "M"}${spot.x.toFixed(1)} ${spot.y.toFixed(1)}`;
    last_s = now_s;
  }
  close();
  return paths;
}

function scaleOf(perMetre: number): Track["scale"] {
  const wanted = 90 / perMetre;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const metres = ([5, 2, 1].find((step) => step * power <= wanted) ?? 1) * power;
  return { metres, width: metres * perMetre };
}
