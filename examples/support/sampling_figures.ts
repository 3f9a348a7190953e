/** Figures of where a deformable layer samples, beside those of a square grid. */

/** A point of an image, in pixels. */
export interface Point {
  readonly y: number;
  readonly x: number;
}

/**
 * A 3×3 grid around a point, whose root mean square distance from it is the given spread: what a plain convolution with the
 * best dilation for this image would read.
 */
export function gridOf({ y, x }: Point, spread: number): Point[] {
  // Along each axis the mean of the squares 1, 0 and 1 of a step is 2/3.
  const step = spread / Math.sqrt(4 / 3);
  return [-1, 0, 1].flatMap((row) => [-1, 0, 1].map((column) => ({ y: y + row * step, x: x + column * step })));
}

/** Fraction of points whose nearest pixel of the square image is lighter than `ink`. */
export function onInk(points: readonly Point[], image: Float32Array, ink: number): number {
  const size = Math.sqrt(image.length);
  const isInk = ({ y, x }: Point): boolean => {
    const [row, column] = [Math.round(y), Math.round(x)];
    return row >= 0 && row < size && column >= 0 && column < size && image[row * size + column]! > ink;
  };
  return points.filter(isInk).length / points.length;
}

/** Pearson's correlation of two lists. */
export function correlationOf(first: readonly number[], second: readonly number[]): number {
  const [a, b] = [first, second].map((values) => {
    const mean = meanOf(values);
    return values.map((value) => value - mean);
  }) as [number[], number[]];
  const product = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, index) => sum + value * v[index]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** The mean of numbers. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
