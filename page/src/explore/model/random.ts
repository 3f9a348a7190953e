/** Small pseudorandom integers, equal for equal seeds, so that a link always shows the same numbers. */

/** Generates `count` integers from `low` to `high`. Different streams of the same seed are independent. */
export function randomIntegers(seed: number, stream: number, count: number, low: number, high: number): number[] {
  // Mulberry32, a public-domain generator of 32 bits of state by T. Ettinger.
  let state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b);
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    const fraction = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return low + Math.floor(fraction * (high - low + 1));
  });
}
