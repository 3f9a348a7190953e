/** IEEE 754 binary16 in float64: a value is a number of steps, the distance of halves of its magnitude. */

/** Largest finite half. */
export const LARGEST_HALF = 65504;

/** Rounds to the nearest half, ties to even, finite values beyond ±65504 to ±65504. */
export function toHalf(value: number): number {
  if (!Number.isFinite(value)) return value;
  const magnitude = Math.min(Math.abs(value), LARGEST_HALF);
  let exponent = -14;
  while (magnitude >= 2 ** (exponent + 1)) exponent++;
  const step = 2 ** (exponent - 10);
  const below = Math.floor(magnitude / step);
  const rest = magnitude / step - below;
  const steps = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  return value < 0 || Object.is(value, -0) ? -steps * step : steps * step;
}

/** Value of the half with these bits. */
export function halfValue(bits: number): number {
  const sign = bits >= 2 ** 15 ? -1 : 1;
  const exponent = Math.floor(bits / 2 ** 10) % 32;
  const fraction = bits % 2 ** 10;
  if (exponent === 31) return fraction > 0 ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (2 ** 10 + fraction) * 2 ** (exponent - 25);
}
