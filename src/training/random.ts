/**
 * A counter-based random number generator: any number of any stream is computed from its coordinates alone, so nothing
 * has to be saved for a run to be resumed in the middle of an epoch.
 *
 * Philox4x32-10: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3",
 * SC 2011, section 3.3 (multipliers and Weyl constants of table 2).
 */
import { checkInteger, checkOneOf, rangeError } from '../errors.js';

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** Streams by purpose: the second word of the key, so that no two purposes share random numbers. */
export const STREAMS = { shuffle: 0, augmentation: 1, split: 2, initialization: 3, step: 4 } as const;

/** Name of an independent stream of random numbers. */
export type Stream = keyof typeof STREAMS;

/** Largest seed, which fills one word of the key. */
export const MAX_SEED = 0xffffffff;

const ACTION = 'draw random numbers';

/** Mixes four 32-bit words of a counter and two of a key into four random words. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIERS[0], c0);
    const low0 = Math.imul(MULTIPLIERS[0], c0);
    const high1 = multiplyHigh(MULTIPLIERS[1], c2);
    const low1 = Math.imul(MULTIPLIERS[1], c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL[0]) >>> 0;
    k1 = (k1 + WEYL[1]) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper 32 bits of the product of two 32-bit words; a double holds only 53 of the 64 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}

/**
 * A stream of random numbers that depends only on its coordinates.
 *
 * @see Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (2011), section 3.3
 * @example
 * ```ts
 * import { Random } from 'tfjs-convolutions/training';
 *
 * console.log(new Random(1, 'shuffle', 7).word() === new Random(1, 'shuffle', 7).word()); // true
 * ```
 */
export class Random {
  private readonly key: readonly [number, number];
  private block = 0;
  private words: readonly number[] = [];
  private used = 0;

  /**
   * @param seed integer from 0 to 2³² − 1
   * @param stream purpose of the random numbers
   * @param a first coordinate within the stream, such as the epoch
   * @param b second coordinate, such as the index of an image
   * @throws TypeError or RangeError if the seed or a coordinate is not an integer from 0 to 2³² − 1, or the stream is
   * unknown
   */
  constructor(
    seed: number,
    stream: Stream,
    private readonly a = 0,
    private readonly b = 0,
  ) {
    checkOneOf(ACTION, 'stream', stream, Object.keys(STREAMS));
    this.key = [checkInteger(ACTION, 'seed', seed, 0, MAX_SEED), STREAMS[stream]];
    checkInteger(ACTION, 'a', a, 0, MAX_SEED);
    checkInteger(ACTION, 'b', b, 0, MAX_SEED);
  }

  /** The next integer from 0 to 2³² − 1. */
  word(): number {
    if (this.used === this.words.length) {
      this.words = philox([this.block++, this.a, this.b, 0], this.key);
      this.used = 0;
    }
    return this.words[this.used++]!;
  }

  /** The next number in [0, 1). */
  uniform(): number {
    return this.word() / 2 ** 32;
  }

  /** The next number in [low, high). */
  between(low: number, high: number): number {
    if (!(low <= high && Number.isFinite(high - low))) {
      throw rangeError(ACTION, 'low and high must be finite numbers with low ≤ high', '[low, high]', [low, high]);
    }
    return low + (high - low) * this.uniform();
  }

  /** The next integer from 0 to count − 1. */
  below(count: number): number {
    checkInteger(ACTION, 'count', count, 1, 2 ** 32);
    return Math.floor(this.uniform() * count);
  }
}

/**
 * Shuffles the integers 0 … count − 1 (Fisher and Yates).
 *
 * @param count number of integers
 * @param random source of random numbers
 */
export function permutation(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const swapped = order[last]!;
    order[last] = order[other]!;
    order[other] = swapped;
  }
  return order;
}
