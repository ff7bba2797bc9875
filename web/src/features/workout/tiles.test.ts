import { expect, it } from "vitest";
import { frameOf, type Tile, tilesOf } from "./tiles";
import { placeOf, trackOf } from "./track";

const TILES = { url: "https://tiles.example.org/{z}/{x}/{y}.png", max_zoom: 19 };

function drawn(latitude_deg: number[], longitude_deg: number[]) {
  const track = trackOf({ time_s: latitude_deg.map((_, index) => index), latitude_deg, longitude_deg });
  if (!track) throw new Error("no track");
  const frame = frameOf(track);
  return { track, frame, tiles: tilesOf(track, frame, TILES) };
}

const numbers = ({ src }: Tile) => (/org\/(\d+)\/(\d+)\/(\d+)\.png/.exec(src) ?? []).slice(1).map(Number);

it("knows Web Mercator", () => {
  // By the formula of the tile numbers: n = 2^16, Berlin's Brandenburg Gate.
  const { x, y } = placeOf(52.5163, 13.3777);
  expect(Math.floor(x * 2 ** 16)).toBe(35203);
  expect(Math.floor(y * 2 ** 16)).toBe(21493);
  expect(placeOf(0, 0)).toEqual({ x: 0.5, y: 0.5 });
  expect(placeOf(85.0511, -180).y).toBeCloseTo(0, 5);
  expect(placeOf(90, 180).y).toBeCloseTo(0, 5);
});

it.each([
  ["a ride", [50, 50.09, 50.04], [8, 8.1, 8.2]],
  ["a way straight north", [50, 50.2], [8, 8]],
  ["a way straight east, far north", [69, 69], [18, 19]],
  ["a lap of a stadium", [47.3826, 47.3832], [8.5034, 8.5042]],
  ["a flight around half the world", [-33, 51], [151, -0.5]],
])("%s: its tiles cover the frame without gaps, and are few", (_, latitudes, longitudes) => {
  const { track, frame, tiles } = drawn(latitudes, longitudes);
  expect(tiles.length).toBeGreaterThan(0);
  expect(tiles.length).toBeLessThanOrEqual(25);
  const [zoom = 0] = numbers(tiles[0] as Tile);
  for (const [column, tile] of tiles.entries()) {
    const [z, x = 0, y = 0] = numbers(tile);
    expect(z).toBe(zoom);
    expect(x).toBeLessThan(2 ** zoom);
    expect(y).toBeLessThan(2 ** zoom);
    const beside = tiles[column + 1];
    if (beside && beside.top === tile.top) expect(beside.left).toBeCloseTo(tile.left + tile.width, 6);
  }
  expect(Math.min(...tiles.map(({ left }) => left))).toBeLessThanOrEqual(1e-9);
  expect(Math.max(...tiles.map(({ left, width }) => left + width))).toBeGreaterThanOrEqual(100 - 1e-9);
  // Where the track begins, the tile beneath is the one that this place is in.
  const place = placeOf(latitudes[0] as number, longitudes[0] as number);
  const at = {
    x: ((track.start.x - frame.x) / frame.width) * 100,
    y: ((track.start.y - frame.y) / frame.height) * 100,
  };
  const beneath = tiles.find(
    ({ left, top, width, height }) =>
      left <= at.x && at.x < left + width && top <= at.y && at.y < top + height,
  );
  expect(beneath && numbers(beneath)).toEqual([
    zoom,
    Math.floor(place.x * 2 ** zoom),
    Math.floor(place.y * 2 ** zoom),
  ]);
});

it("comes no closer than there are tiles for", () => {
  const { track, frame } = drawn([50, 50.0001], [8, 8]);
  const tiles = tilesOf(track, frame, { ...TILES, max_zoom: 12 });
  expect(new Set(tiles.map((tile) => numbers(tile)[0]))).toEqual(new Set([12]));
  expect(tiles.length).toBeLessThanOrEqual(4);
});

it("goes on with the first column east of the last", () => {
  const { tiles } = drawn([10, 10], [179, 179.99]);
  const columns = new Set(tiles.map((tile) => numbers(tile)[1]));
  expect(columns.has(0)).toBe(true);
});
