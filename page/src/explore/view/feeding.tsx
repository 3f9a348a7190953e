/** Says in a sentence which output cells the chosen input cell feeds. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { useTexts } from '../texts/use_texts.js';

export interface FeedingProps {
  /** The input cell. */
  readonly cell: Place;
  /** Number of output cells that read it. */
  readonly count: number;
}

export function Feeding({ cell, count }: FeedingProps): JSX.Element {
  return <p class="reading outlined">{useTexts().feeding(cell, count)}</p>;
}
