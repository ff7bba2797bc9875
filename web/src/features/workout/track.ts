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
  /** How wide the whole world is in units of the drawing, and where in it the drawing begins. */
  world: number;
  origin: Spot;
};

const EQUATOR_M = 40_075_017;
const SIZE = 320;
const MARGIN = 18;
const JUMP_S = 300;
/** Where Web Mercator ends, so that the world is a square. */
const FARTHEST_DEG = 85.0511;
/** Of the world: a few metres. A track that never moved is no smaller. */
const SMALLEST = 1e-7;

/**
 * A track on a plane: Web Mercator, as map tiles have it, so that shapes keep their proportions and tiles fit beneath.
 * Null without at least two positions. North is up; the track is at most SIZE wide and high.
 */
export function trackOf({ time_s, latitude_deg, longitude_deg }: Streams): Track | null {
  if (!latitude_deg || !longitude_deg) return null;
  const places = latitude_deg.map((latitude, index) => {
    const longitude = longitude_deg[index];
    return latitude === null || longitude == null ? null : placeOf(latitude, longitude);
  });
  const known = places.filter((place) => place !== null);
  if (known.length < 2) return null;
  const [west, east] = bounds(known.map(({ x }) => x));
  const [north, south] = bounds(known.map(({ y }) => y));
  const world = (SIZE - 2 * MARGIN) / Math.max(east - west, south - north, SMALLEST);
  const spots = places.map(
    (place) => place && { x: MARGIN + (place.x - west) * world, y: MARGIN + (place.y - north) * world },
  );
  const drawn = spots.filter((spot) => spot !== null);
  const [start, finish] = [drawn[0], drawn.at(-1)];
  if (!start || !finish) return null;
  return {
    width: Math.max(140, 2 * MARGIN + (east - west) * world),
    height: Math.max(120, 2 * MARGIN + (south - north) * world),
    paths: pathsOf(spots, time_s),
    spots,
    start,
    finish,
    scale: scaleOf(world / (EQUATOR_M * shrinkAt((north + south) / 2))),
    world,
    origin: { x: west * world - MARGIN, y: north * world - MARGIN },
  };
}

/** In the world as a square of side 1, its north-west corner at 0 (EPSG:3857 without its metres). */
export function placeOf(latitude_deg: number, longitude_deg: number): Spot {
  const latitude = (Math.max(-FARTHEST_DEG, Math.min(FARTHEST_DEG, latitude_deg)) * Math.PI) / 180;
  return {
    x: (longitude_deg + 180) / 360,
    y: (1 - Math.asinh(Math.tan(latitude)) / Math.PI) / 2,
  };
}

/** How many times shorter a parallel is there than the equator. */
const shrinkAt = (y: number) => 1 / Math.cosh(Math.PI * (1 - 2 * y));

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
