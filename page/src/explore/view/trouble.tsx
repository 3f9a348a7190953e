/** Says that the numbers do not arrive, and offers the ways out. */
import type { JSX } from 'preact';
import { Notice } from '../../shared/notice.js';
import type { View } from '../model/use_view.js';

export function Trouble({ view }: { readonly view: View }): JSX.Element | null {
  const { answers, backend, seed } = view;
  const { failure, isLate, restart } = answers;
  if (failure === undefined && !isLate) return null;
  const isElsewhere = seed !== null && backend !== 'wasm';
  return (
    <div class="trouble">
      <Notice kind="error">
        {failure === undefined
          ? 'The numbers are taking unusually long. The page is still waiting for them.'
          : `The numbers could not be computed: ${failure}`}
      </Notice>
      <div class="toolbar">
        <button type="button" onClick={restart}>
          Try again
        </button>
        {isElsewhere ? (
          <button
            type="button"
            onClick={() => {
              restart();
              view.computeBy('wasm');
            }}
          >
            Compute on wasm instead
          </button>
        ) : null}
      </div>
    </div>
  );
}
