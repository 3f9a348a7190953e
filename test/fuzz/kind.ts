/** One kind of input that is damaged and loaded. */
import type { Random } from '../support/random.js';

/** One kind, ready to be damaged. */
export interface Kind {
  /** Puts damage in the place of what was there. */
  readonly damage: (random: Random) => Damage;
  /**
   * Loads what is there and says what came out of it.
   *
   * @throws BrokenRule if the kind itself finds that a rule is broken; Refused if it has checked the refusal itself
   */
  readonly load: () => Promise<string>;
  /** Whether a checksum promises that what loads is what was saved. */
  readonly isPromised: boolean;
}

/** One damaged input. */
export interface Damage {
  readonly bytes: number;
  /** What the undamaged one gives, where that is not always the same. */
  readonly want?: string;
}

/** A rule that a load has broken. */
export class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
}

/** A refusal whose form has been checked. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Makes the good input in a folder. */
export type Prepare = (folder: string) => Promise<Kind>;

/** One of a list. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(0, list.length - 1)]!;
}
