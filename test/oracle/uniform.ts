/** Uniform random numbers of augmentation layers, from the mask of a dropout of one half. */
import { isKept } from './dropout.js';

/** Number i of a draw: 24 bits, the first of which counts one half. */
export function uniformOf(seed: number, call: number, i: number): number {
  const bits = Array.from({ length: 24 }, (_, bit) => isKept(24 * i + bit, { rate: 0.5, key: [seed, call] }));
  return bits.reduce((sum, isOne, bit) => sum + (isOne ? 2 ** -(bit + 1) : 0), 0);
}
