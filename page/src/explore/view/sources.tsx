/** Choice of the values: input, kernel, random numbers, and the backend that computes the output. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { BackendSelect } from '../../shared/backend_select.js';
import { Notice } from '../../shared/notice.js';
import { takesPreset } from '../model/kernels.js';
import { FIELDS, type Settings } from '../model/settings.js';
import { useBackends } from '../model/use_answers.js';
import type { View } from '../model/use_view.js';

export interface SourcesProps {
  readonly view: View;
  /** True if the convolution has a choice of kernels among its own settings. */
  readonly hasOwnKernels: boolean;
}

/** Value of the kernel's choice once a person has set a weight. */
const EDITED = 'edited';

export function Sources({ view, hasOwnKernels }: SourcesProps): JSX.Element {
  const { settings, seed, picture } = view;
  const [isChanging, setChanging] = useState(false);
  const backends = useBackends(isChanging);
  const hasPresets = !hasOwnKernels && picture.stages.some(({ kernel }) => takesPreset(kernel));
  const isEdited = settings.weights.length > 0;
  const isRandom = settings.image === 'random' || (settings.preset === 'random' && !isEdited);
  if (seed === null) {
    return (
      <div class="toolbar">
        <button type="button" class="primary" onClick={() => view.run(1)}>
          Show values
        </button>
      </div>
    );
  }
  return (
    <div class="toolbar" role="group" aria-label="Values">
      <label class="inline-control">
        Input
        <select
          value={settings.image}
          onChange={({ currentTarget }) => view.change({ image: currentTarget.value as Settings['image'] }, 'image')}
        >
          {Object.entries(FIELDS.image.options).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {hasPresets || isEdited ? (
        <label class="inline-control">
          Kernel
          <select
            value={isEdited ? EDITED : settings.preset}
            onChange={({ currentTarget }) =>
              view.change({ preset: currentTarget.value as Settings['preset'] }, 'preset')
            }
          >
            {isEdited ? <option value={EDITED}>edited</option> : null}
            {Object.entries(FIELDS.preset.options).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {settings.image === 'drawing' && (
        <button type="button" onClick={() => view.change({ ink: [] })}>
          Start the drawing again
        </button>
      )}
      {isRandom && (
        <button type="button" onClick={() => view.run(seed + 1)}>
          New random numbers
        </button>
      )}
      <button type="button" onClick={() => view.run(null)}>
        Hide values
      </button>
      {backends.list.length > 0 ? (
        <BackendSelect backends={backends.list} value={view.backend} onChoose={view.computeBy} />
      ) : (
        <button type="button" aria-disabled={isChanging} onClick={() => setChanging(true)}>
          Change backend
        </button>
      )}
      {backends.failure === undefined ? null : (
        <Notice kind="error">
          The backends could not be listed: {backends.failure}. Reload the page to try again.
        </Notice>
      )}
    </div>
  );
}
