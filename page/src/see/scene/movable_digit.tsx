/** The digit of a scene as something to take hold of: its box, a corner that resizes it, and keys for both. */
import type { JSX } from 'preact';
import { halfSizeOf } from 'tfjs-convolutions/cli/scenes';
import type { Dataset } from 'tfjs-convolutions/training';
import type { Axes } from '../messages.js';
import { STEPS } from '../picture_frame.js';
import type { Placement } from './placement.js';

/** Factor on the size for each press of a key. */
const STEP = 1.1;
/** Pixels for each press with Shift. */
const LEAP = 5;
const SIZE_KEYS: Readonly<Record<string, number>> = { '+': STEP, '=': STEP, '-': 1 / STEP, _: 1 / STEP };

interface Props {
  readonly placement: Placement;
  readonly digits: Dataset;
  /** Called with the pixels to move by. */
  readonly onStep: (step: Axes) => void;
  /** Called with the factor to resize by. */
  readonly onScale: (factor: number) => void;
}

export function MovableDigit({ placement, digits, onStep, onScale }: Props): JSX.Element {
  const { at, scale, digit } = placement;
  const [height, width] = halfSizeOf(digits, digit).map((half) => half * scale + 1) as [number, number];
  const press = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const factor = SIZE_KEYS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!step && factor === undefined)) return;
    event.preventDefault();
    const leap = event.shiftKey ? LEAP : 1;
    if (step) onStep([leap * step[0], leap * step[1]]);
    else onScale(factor!);
  };
  return (
    <g
      class="see-movable"
      tabindex={0}
      role="application"
      aria-label={`The digit ${digits.classNames[digit]!}, ${scale.toFixed(2)} times its size. Arrow keys move it, + and − resize it.`}
      onKeyDown={press}
    >
      <rect
        data-grip="object"
        class="see-box"
        x={at[1] - width}
        y={at[0] - height}
        width={2 * width}
        height={2 * height}
        rx={0.8}
      />
      <g data-grip="corner" class="see-corner">
        <circle class="see-reach" cx={at[1] + width} cy={at[0] + height} r={2.8} />
        <circle cx={at[1] + width} cy={at[0] + height} r={1.1} />
      </g>
    </g>
  );
}
