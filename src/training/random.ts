/**
 * A counter-based random number generator: any number of any stream is computed from its coordinates alone, so nothing
 * has to be saved for a run to be resumed in the middle of an epoch.
 */
import { checkInteger, checkOneOf, rangeError } from '../errors.js';
import { MAX_SEED, philox } from '../kernel/philox.js';

/** Streams by purpose: the second word of the key, so that no two purposes share random numbers. */
export const STREAMS = { shuffle: 0, augmentation: 1, split: 2, initialization: 3, step: 4, mixing: 5 } as const;

/**
 * Name of an independent stream of random numbers.
 *
 * @useDeclaredType
 */
export type Stream = keyof typeof STREAMS;

const ACTION = 'draw random numbers';

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
