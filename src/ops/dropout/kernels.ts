/** Kernel of dropout: name and attributes. */
import type { PhiloxKey } from '../../kernel/philox.js';

export const DROPOUT = {
  /** Computes y from x, and dx from dy. */
  forward: 'Convolutions/Dropout',
} as const;

/** Attributes of the dropout kernel. */
export interface DropoutAttributes {
  /** Fraction of the elements to drop, in [0, 1). */
  readonly rate: number;
  readonly key: PhiloxKey;
  /** Shape of the mask: the length of each axis of x, or 1. */
  readonly noiseShape: readonly number[];
}
