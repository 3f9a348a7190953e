/** Says in a sentence which output cells the chosen input cell feeds. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';

export interface FeedingProps {
  /** The input cell. */
  readonly cell: Place;
  /** Number of output cells that read it. */
  readonly count: number;
}

export function Feeding({ cell, count }: FeedingProps): JSX.Element {
  return (
    <p class="reading outlined">
      The input cell in row {cell[0] + 1}, column {cell[1] + 1} feeds <span class="key fed" aria-hidden="true" />{' '}
      {count === 1 ? '1 output cell' : `${count} output cells`}.
    </p>
  );
}
