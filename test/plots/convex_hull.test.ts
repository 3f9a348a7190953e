/** convexHull(): only corners, in order. */
import { convexHull } from '../../src/plots/convex_hull.js';

const points = (...pairs: readonly (readonly [number, number])[]): { y: number; x: number }[] =>
  pairs.map(([y, x]) => ({ y, x }));

/** Twice the signed area of each triangle of neighbouring corners. */
function turns(corners: readonly { readonly y: number; readonly x: number }[]): number[] {
  return corners.map((a, index) => {
    const [b, c] = [corners[(index + 1) % corners.length]!, corners[(index + 2) % corners.length]!];
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  });
}

test('convexHull() omits points inside, on edges and duplicates', () => {
  const square = points([0, 0], [0, 4], [4, 0], [4, 4]);
  const corners = convexHull([...points([2, 2], [0, 2], [1, 3]), ...square, ...square]);
  expect(corners).toHaveLength(4);
  expect(corners).toEqual(expect.arrayContaining(square));
});

test('convexHull() turns one way at every corner and leaves no point outside', () => {
  const cloud = Array.from({ length: 60 }, (_, i) => ({ y: (i * 37) % 61, x: (i * i * 11) % 53 }));
  const corners = convexHull(cloud);
  expect(corners.length).toBeGreaterThan(3);
  expect(turns(corners).every((turn) => turn > 0)).toBe(true);
  corners.forEach((a, index) => {
    const b = corners[(index + 1) % corners.length]!;
    expect(cloud.filter(({ y, x }) => (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) < 0)).toEqual([]);
  });
});

test('convexHull() of collinear points is their two ends, of no points is empty', () => {
  const ends = points([0, 0], [3, 3]);
  expect(convexHull([...points([1, 1], [2, 2]), ...ends])).toEqual(expect.arrayContaining(ends));
  expect(convexHull(points([1, 1], [2, 2], [0, 0]))).toHaveLength(2);
  expect(convexHull([])).toEqual([]);
});
