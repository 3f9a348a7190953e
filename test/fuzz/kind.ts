/** One kind of input that is damaged and loaded. */
import type { Random } from '../support/random.js';

/** One kind, ready to be damaged. */
export interface Kind {
  /** Replaces the input by a damaged one. */
  readonly damage: (random: Random) => Damage;
  /**
   * Loads the input and describes the result.
   *
   * @throws BrokenRule if the kind itself finds that a rule is broken; Refused if it has checked the refusal itself
   */
  readonly load: () => Promise<string>;
  /** True if a checksum guarantees that loaded data equals saved data. */
  readonly isPromised: boolean;
}

/** One damaged input. */
export interface Damage {
  readonly bytes: number;
  /** Result of the undamaged input, if that varies. */
  readonly want?: string;
}

/** Error: a load has broken a rule. */
export class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
}

/** A rejection whose message has been checked. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Creates the valid input in a folder. */
export type Prepare = (folder: string) => Promise<Kind>;

/** Picks one element of a list. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(0, list.length - 1)]!;
}
