/** Legend of the colours of a map: the diverging scale, with the values at its ends. */
import type { JSX } from 'preact';
import { colourOf } from '../model/colours.js';
import { formatNumber } from '../model/numbers.js';

const STEPS = 17;

/** @param most value at either end, without its sign */
export function Legend({ most }: { readonly most: number }): JSX.Element {
  const end = formatNumber(most);
  return (
    <p class="legend">
      <span>−{end}</span>
      <svg viewBox={`0 0 ${STEPS} 1`} preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: STEPS }, (_, index) => (
          <rect
            key={index}
            x={index}
            width={1.02}
            height={1}
            fill={colourOf((2 * index) / (STEPS - 1) - 1, 1).fill}
            stroke="none"
          />
        ))}
      </svg>
      <span>{end}</span>
    </p>
  );
}
