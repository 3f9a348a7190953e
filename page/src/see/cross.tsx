/** Marks the selected position. */
import type { JSX } from 'preact';
import type { Pixels } from './messages.js';

interface Props {
  readonly y: number;
  readonly x: number;
  readonly pixels: Pixels;
}

export function Cross({ y, x, pixels: { height, width } }: Props): JSX.Element {
  const arm = Math.max(height, width) / 28;
  const path = `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`;
  return (
    <g class="see-cross">
      <path class="see-cross-edge" d={path} stroke-width={arm / 2} />
      <path d={path} stroke-width={arm / 4} />
    </g>
  );
}
