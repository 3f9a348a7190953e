/** Panel of the selected bin: its offset, and the resulting shift. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { formatNumber } from '../model/numbers.js';
import { OffsetField } from './offset_field.js';

export interface BinPanelProps {
  readonly bin: Place;
  /** Offset (y, x), as a fraction of the box divided by γ. */
  readonly offset: Place;
  readonly gamma: number;
  /** [height, width] of the box in cells. */
  readonly boxSize: Place;
  readonly onOffset: (offset: Place) => void;
  readonly onReset: () => void;
}

const STEP = 0.25;

export function BinPanel({ bin, offset: [y, x], gamma, boxSize, onOffset, onReset }: BinPanelProps): JSX.Element {
  const way = (offset: number, axis: 0 | 1): string =>
    `${formatNumber(gamma)} · ${formatNumber(boxSize[axis])} · ${formatNumber(offset)} = ${formatNumber(gamma * boxSize[axis] * offset)}`;
  return (
    <section class="taps" aria-label="The chosen bin">
      <p class="quiet">
        Drag a bin or a corner of the box, or focus it and use the arrow keys. In Faster R-CNN, a fully connected layer
        predicts the offsets from the pooled box.
      </p>
      <div class="tap-fields">
        <OffsetField label="Offset down" value={y} step={STEP} onInput={(value) => onOffset([value, x])} />
        <OffsetField label="Offset right" value={x} step={STEP} onInput={(value) => onOffset([y, value])} />
        <button type="button" onClick={onReset}>
          Reset all bins
        </button>
      </div>
      <p>
        The bin in row {bin[0] + 1}, column {bin[1] + 1} moves by γ · size of the box · offset: {way(y, 0)} cells down
        and {way(x, 1)} cells to the right.
      </p>
    </section>
  );
}
