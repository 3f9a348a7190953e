/** Switch to gradients, and what they mean. */
import type { JSX } from 'preact';
import { formatExact } from '../model/numbers.js';
import type { View } from '../model/use_view.js';

export interface BackwardNoteProps {
  readonly view: View;
  /** Selected tap of a deformable kernel, if taps can be moved. */
  readonly tap: number | undefined;
}

export function BackwardNote({ view, tap }: BackwardNoteProps): JSX.Element {
  const { isBackward, setBackward, backward } = view;
  return (
    <>
      <label class="inline-control">
        <input
          type="checkbox"
          checked={isBackward}
          onChange={({ currentTarget }) => {
            setBackward(currentTarget.checked);
          }}
        />
        Backward: show gradients
      </label>
      {isBackward ? (
        <p class="reading">
          How much the chosen output changes with each input value and with each weight: an input gets the weights that
          read it, a weight gets the values that it read.
          {tap !== undefined && backward?.offsets ? ` ${tapText(backward.offsets, backward.masks, tap)}` : ''}
        </p>
      ) : null}
    </>
  );
}

function tapText(offsets: readonly number[], masks: readonly number[] | undefined, tap: number): string {
  const [down, right] = [offsets[2 * tap] ?? 0, offsets[2 * tap + 1] ?? 0];
  const mask = masks?.[tap];
  const ofMask = mask === undefined ? '' : ` and that of its mask ${formatExact(mask)}`;
  return `The gradient of the chosen tap’s offset is ${formatExact(down)} down, ${formatExact(right)} to the right${ofMask}; arrows show it for all taps.`;
}
