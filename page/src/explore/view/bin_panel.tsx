/** Panel of the selected bin: its offset, and the resulting shift. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { formatNumber } from '../model/numbers.js';
import { useTexts } from '../texts/use_texts.js';
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
  const { bin: texts } = useTexts();
  const way = (offset: number, axis: 0 | 1): string =>
    `${formatNumber(gamma)} · ${formatNumber(boxSize[axis])} · ${formatNumber(offset)} = ${formatNumber(gamma * boxSize[axis] * offset)}`;
  return (
    <section class="taps" aria-label={texts.title}>
      <p class="quiet">{texts.help}</p>
      <div class="tap-fields">
        <OffsetField label={texts.down} value={y} step={STEP} onInput={(value) => onOffset([value, x])} />
        <OffsetField label={texts.right} value={x} step={STEP} onInput={(value) => onOffset([y, value])} />
        <button type="button" onClick={onReset}>
          {texts.reset}
        </button>
      </div>
      <p>{texts.moves(bin, [way(y, 0), way(x, 1)])}</p>
    </section>
  );
}
