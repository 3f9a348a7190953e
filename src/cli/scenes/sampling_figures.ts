/** Figures of the spread of samples. */

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

/** Mean of numbers. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
