/** Convex hull of points in the plane. A. M. Andrew, "Another efficient algorithm for convex hulls in two dimensions" (1979). */

/** A point. */
export interface Point {
  readonly y: number;
  readonly x: number;
}

/** The corners of the smallest convex polygon around all points, in turn; fewer than three where all lie on one line. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = points.map(({ y, x }) => ({ y, x })).sort((a, b) => a.x - b.x || a.y - b.y);
  const lower = chain(sorted);
  const upper = chain([...sorted].reverse());
  // Each chain ends where the other one starts.
  return [...lower.slice(0, -1), ...upper.slice(0, -1)];
}

/** The points, in their order, that turn in one direction only. */
function chain(points: readonly Point[]): Point[] {
  const corners: Point[] = [];
  for (const point of points) {
    while (corners.length >= 2 && turn(corners.at(-2)!, corners.at(-1)!, point) <= 0) corners.pop();
    corners.push(point);
  }
  return corners;
}

/** Twice the area of the triangle, positive where the turn at b goes one way. */
function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}
