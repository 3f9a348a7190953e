/** Small whole numbers that look random and are the same for the same seed, so that a link shows the same numbers. */

/** `count` integers from `low` to `high`. Another `stream` of the same seed is independent of the first. */
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
