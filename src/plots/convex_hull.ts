/** Convex hull of points in the plane. A. M. Andrew, "Another efficient algorithm for convex hulls in two dimensions" (1979). */

/** A point. */
export interface Point {
  readonly y: number;
  readonly x: number;
}

/** Corners of the smallest convex polygon around all points, in order; fewer than three if all points are collinear. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = points.map(({ y, x }) => ({ y, x })).sort((a, b) => a.x - b.x || a.y - b.y);
  const lower = chain(sorted);
  const upper = chain([...sorted].reverse());
  // Each chain ends at the start of the other.
  return [...lower.slice(0, -1), ...upper.slice(0, -1)];
}

/** Points of the chain that turns in one direction only, in their order. */
function chain(points: readonly Point[]): Point[] {
  const corners: Point[] = [];
  for (const point of points) {
    while (corners.length >= 2 && turn(corners.at(-2)!, corners.at(-1)!, point) <= 0) corners.pop();
    corners.push(point);
  }
  return corners;
}

/** Twice the signed area of the triangle; the sign gives the direction of the turn at b. */
function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}
