/** Seeded random arrays. Every value is a float32, so that the oracle and a backend see the same numbers. */
import { array64, type Array64 } from '../oracle/array64.js';

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** Uniform in [0, 1) (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  uniform(low: number, high: number): number {
    return Math.fround(low + (high - low) * this.next());
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  array(shape: readonly number[], low = -1, high = 1): Array64 {
    return array64(shape, () => this.uniform(low, high));
  }

  /** Offsets of up to `reach` pixels, at least a tenth of a pixel away from every integer, where the slopes jump. */
  offsets(shape: readonly number[], reach = 2): Array64 {
    return array64(shape, () => Math.fround(this.integer(-reach, reach - 1) + this.uniform(0.1, 0.9)));
  }
}
