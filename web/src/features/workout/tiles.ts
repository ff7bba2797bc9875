import type { components } from "@/lib/api/schema";
import type { Track } from "./track";

export type Tiles = components["schemas"]["TilesView"];
export type Frame = { x: number; y: number; width: number; height: number };
/** A picture and where it lies in the frame, in per cent of it. */
export type Tile = { src: string; left: number; top: number; width: number; height: number };

/** A tile is drawn at least half as wide as it is and never wider: at most twenty-five of them fill a frame. */
const WIDEST = 256;
const FLATTEST = 1.6;

/** The drawing with so much around it that a narrow track has a map and no strip of one. */
export function frameOf({ width, height }: Pick<Track, "width" | "height">): Frame {
  const wide = Math.max(width, height);
  const high = Math.max(height, wide / FLATTEST);
  return { x: (width - wide) / 2, y: (height - high) / 2, width: wide, height: high };
}

/** The tiles beneath a frame of a track's drawing. */
export function tilesOf(
  { world, origin }: Pick<Track, "world" | "origin">,
  frame: Frame,
  { url, max_zoom }: Pick<Tiles, "url" | "max_zoom">,
): Tile[] {
  const zoom = Math.max(0, Math.min(max_zoom, Math.ceil(Math.log2(world / WIDEST))));
  const count = 2 ** zoom;
  const size = world / count;
  const [west, north] = [origin.x + frame.x, origin.y + frame.y];
  const rows = between(north, frame.height, size).filter((y) => y >= 0 && y < count);
  return rows.flatMap((y) =>
    between(west, frame.width, size).map((x) => ({
      // East of the last column is the first one again.
      src: addressOf(url, zoom, ((x % count) + count) % count, y),
      left: ((x * size - west) / frame.width) * 100,
      top: ((y * size - north) / frame.height) * 100,
      width: (size / frame.width) * 100,
      height: (size / frame.height) * 100,
    })),
  );
}

function between(start: number, length: number, size: number): number[] {
  const first = Math.floor(start / size);
  const last = Math.ceil((start + length) / size) - 1;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const addressOf = (template: string, z: number, x: number, y: number) =>
  template.replace("{z}", `${z}`).replace("{x}", `${x}`).replace("{y}", `${y}`);
