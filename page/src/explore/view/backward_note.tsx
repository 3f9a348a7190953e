/** Switch to gradients, and what they mean. */
import type { JSX } from 'preact';
import { offsetAt } from '../model/offsets.js';
import type { View } from '../model/use_view.js';
import { useTexts } from '../texts/use_texts.js';

export interface BackwardNoteProps {
  readonly view: View;
  /** Selected tap of a deformable kernel, if taps can be moved. */
  readonly tap: number | undefined;
}

export function BackwardNote({ view, tap }: BackwardNoteProps): JSX.Element {
  const { backward: texts } = useTexts();
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
        {texts.show}
      </label>
      {isBackward ? (
        <p class="reading">
          {texts.meaning}
          {tap !== undefined && backward?.offsets
            ? ` ${texts.tap({ offset: offsetAt(backward.offsets, tap), mask: backward.masks?.[tap] })}`
            : ''}
        </p>
      ) : null}
    </>
  );
}
