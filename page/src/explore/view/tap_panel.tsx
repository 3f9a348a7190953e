/** Panel of the selected tap of a deformable kernel: its offset, its mask, and the four cells that it reads. */
import type { JSX } from 'preact';
import type { Place } from 'tfjs-convolutions/geometry';
import { formatNumber } from '../model/numbers.js';
import { offsetAt, TAP_STEP } from '../model/offsets.js';
import type { StageRead } from '../model/stage.js';
import { useTexts } from '../texts/use_texts.js';
import { OffsetField } from './offset_field.js';

export interface TapPanelProps {
  readonly reads: readonly StageRead[];
  readonly offsets: readonly number[];
  readonly selected: number;
  /** True if taps have masks. */
  readonly isModulated: boolean;
  /** The number of a cell, if there are numbers. */
  readonly valueAt: ((cell: Place) => number) | undefined;
  readonly onSelect: (tap: number) => void;
  readonly onMove: (tap: number, offset: Place) => void;
  readonly onMask: (tap: number, mask: number) => void;
  readonly onReset: () => void;
}

export function TapPanel(props: TapPanelProps): JSX.Element | null {
  const { reads, offsets, selected, isModulated, valueAt, onSelect, onMove, onMask, onReset } = props;
  const { tap: texts } = useTexts();
  const read = reads[selected];
  if (read === undefined) return null;
  const [y, x] = offsetAt(offsets, selected);
  return (
    <section class="taps" aria-label={texts.title}>
      <p class="quiet">{texts.help}</p>
      <div class="tap-fields">
        <label class="control">
          <span>{texts.tap}</span>
          <select value={selected} onChange={({ currentTarget }) => onSelect(Number(currentTarget.value))}>
            {reads.map(({ tap }, index) => (
              <option key={index} value={index}>
                {texts.at(tap)}
              </option>
            ))}
          </select>
        </label>
        <OffsetField label={texts.down} step={TAP_STEP} value={y} onInput={(value) => onMove(selected, [value, x])} />
        <OffsetField label={texts.right} step={TAP_STEP} value={x} onInput={(value) => onMove(selected, [y, value])} />
        {isModulated ? (
          <label class="control">
            <span>{texts.mask(read.factor)}</span>
            <input
              type="range"
              min={0}
              max={1}
              step={0.25}
              value={read.factor}
              onInput={({ currentTarget }) => onMask(selected, currentTarget.valueAsNumber)}
            />
          </label>
        ) : null}
        <button type="button" onClick={onReset}>
          {texts.reset}
        </button>
      </div>
      <CloseUp read={read} valueAt={valueAt} />
    </section>
  );
}

/** With offsets in quarter steps, weights are multiples of a sixteenth. */
const formatWeight = (weight: number): string => String(Math.round(weight * 1e4) / 1e4);

/** Width of an enlarged cell in pixels. */
const CELL = 84;

/** The cells around a point, each with its weight. */
function CloseUp({
  read,
  valueAt,
}: {
  readonly read: StageRead;
  readonly valueAt: TapPanelProps['valueAt'];
}): JSX.Element {
  const { tap: texts } = useTexts();
  const { place, cells } = read;
  const [top, left] = [Math.floor(place[0]), Math.floor(place[1])];
  const near = [0, 1].flatMap((down) => [0, 1].map((right) => [top + down, left + right] as const));
  const weightOf = ([y, x]: Place): number => cells.find(({ cell }) => cell[0] === y && cell[1] === x)?.weight ?? 0;
  const value = valueAt && cells.reduce((sum, { cell, weight }) => sum + weight * valueAt(cell), 0);
  const side = 2 * CELL + 2;
  return (
    <figure class="close-up">
      <svg
        class="plane"
        role="img"
        viewBox={`-1 -1 ${side} ${side}`}
        width={side}
        height={side}
        aria-label={texts.reads(cells.map(({ cell, weight }) => ({ cell, weight: formatWeight(weight) })))}
      >
        {near.map((cell, index) => {
          const weight = weightOf(cell);
          const [y, x] = [Math.floor(index / 2) * CELL, (index % 2) * CELL];
          const isOutside = weight === 0;
          return (
            <g key={index}>
              <rect class="cell" x={x} y={y} width={CELL} height={CELL} />
              <rect
                class={`cell ${isOutside ? '' : 'read'}`}
                x={x}
                y={y}
                width={CELL}
                height={CELL}
                fill-opacity={weight}
              />
              <text class="cell-text" x={x + CELL / 2} y={y + (index < 2 ? 16 : CELL - 16)}>
                {formatWeight(weight)}
                {valueAt && !isOutside ? ` × ${formatNumber(valueAt(cell))}` : ''}
              </text>
            </g>
          );
        })}
        <circle class="dot" cx={(place[1] - left + 0.5) * CELL} cy={(place[0] - top + 0.5) * CELL} r={6} />
      </svg>
      <figcaption class="quiet">{texts.closeUp(place, value)}</figcaption>
    </figure>
  );
}
