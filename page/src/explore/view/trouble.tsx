/** Says that the numbers do not arrive, and offers the ways out. */
import type { JSX } from 'preact';
import { Notice } from '../../shared/notice.js';
import type { View } from '../model/use_view.js';
import { useTexts } from '../texts/use_texts.js';

export function Trouble({ view }: { readonly view: View }): JSX.Element | null {
  const { trouble: texts } = useTexts();
  const { answers, backend, seed } = view;
  const { failure, isLate, restart } = answers;
  if (failure === undefined && !isLate) return null;
  const isElsewhere = seed !== null && backend !== 'wasm';
  return (
    <div class="trouble">
      <Notice kind="error">{failure === undefined ? texts.late : texts.failed(failure)}</Notice>
      <div class="toolbar">
        <button type="button" onClick={restart}>
          {texts.retry}
        </button>
        {isElsewhere ? (
          <button
            type="button"
            onClick={() => {
              restart();
              view.computeBy('wasm');
            }}
          >
            {texts.onWasm}
          </button>
        ) : null}
      </div>
    </div>
  );
}
