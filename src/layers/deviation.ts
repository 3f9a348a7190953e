/** Least deviation, below which Keras does not divide. */
const LEAST = 1e-7;

/** Standard deviations of given variances, as Keras's Normalization divides by them. */
export function deviationOf(variance: number | readonly number[]): number | readonly number[] {
  const of = (value: number): number => Math.max(Math.sqrt(value), LEAST);
  return typeof variance === 'number' ? of(variance) : variance.map(of);
}
