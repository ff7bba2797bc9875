/** A sample of a curve; `y` is null where nothing was measured. */
export type Point = { x: number; y: number | null };
type Measured = { x: number; y: number };

/**
 * Largest-Triangle-Three-Buckets (Steinarsson 2013) on each unbroken stretch of a curve: at most about `limit`
 * points that keep its looks, and every gap stays a gap (one null between two stretches).
 */
export function decimate(points: readonly Point[], limit: number): Point[] {
  if (points.length <= limit) return [...points];
  const stretches = unbroken(points);
  const measured = stretches.reduce((sum, stretch) => sum + stretch.length, 0);
  return stretches.flatMap((stretch, index): Point[] => {
    const share = Math.max(2, Math.round((stretch.length / measured) * limit));
    const kept: Point[] = lttb(stretch, share);
    const last = stretch.at(-1);
    return index < stretches.length - 1 && last ? [...kept, { x: last.x, y: null }] : kept;
  });
}

function unbroken(points: readonly Point[]): Measured[][] {
  const stretches: Measured[][] = [];
  let open: Measured[] | null = null;
  for (const { x, y } of points) {
    if (y === null) open = null;
    else if (open) open.push({ x, y });
    else {
      open = [{ x, y }];
      stretches.push(open);
    }
  }
  return stretches;
}

/** Keeps the first and last point and, of each bucket between, the one that spans the largest triangle. */
export function lttb(points: readonly Measured[], limit: number): Measured[] {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length <= limit || limit < 3 || !first || !last)
    return points.length <= limit || !first || !last ? [...points] : [first, last];
  const size = (points.length - 2) / (limit - 2);
  const kept = [first];
  let previous = first;
  for (let bucket = 0; bucket < limit - 2; bucket++) {
    const from = Math.floor(bucket * size) + 1;
    const to = Math.floor((bucket + 1) * size) + 1;
    const next = middle(points.slice(to, Math.min(Math.floor((bucket + 2) * size) + 1, points.length)));
    previous = widest(points.slice(from, to), previous, next);
    kept.push(previous);
  }
  return [...kept, last];
}

function middle(points: readonly Measured[]): Measured {
  const sum = points.reduce((a, p) => ({ x: a.x + p.x, y: a.y + p.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function widest(bucket: readonly Measured[], a: Measured, c: Measured): Measured {
  let best = a;
  let area = -1;
  for (const b of bucket) {
    const twice = Math.abs((a.x - c.x) * (b.y - a.y) - (a.x - b.x) * (c.y - a.y));
    if (twice > area) [best, area] = [b, twice];
  }
  return best;
}
