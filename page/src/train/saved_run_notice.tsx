/** Offers to resume the run that the browser has stored. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { BackendName } from '../engine/backends.js';
import { forgetRun, savedSummary, type SavedSummary } from './run_store.js';

interface SavedRunNoticeProps {
  /** The currently selected backend. */
  readonly backend: BackendName | undefined;
  readonly onResume: (backend: BackendName) => void;
}

export function SavedRunNotice({ backend, onResume }: SavedRunNoticeProps): JSX.Element | null {
  const [saved, setSaved] = useState<SavedSummary>();
  useEffect(() => {
    // A browser that stores nothing, as in some private windows, has no run to offer.
    savedSummary().then(setSaved, () => undefined);
  }, []);
  if (!saved) return null;
  const finished = saved.epoch >= saved.epochs;
  return (
    <section class="notice info saved-run" aria-label="Saved run">
      <p>
        <strong>{finished ? 'A trained network is saved here' : 'A run was interrupted'}</strong>: {saved.title},{' '}
        {saved.epoch} of {saved.epochs} epochs, on {saved.backend}.
      </p>
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={backend === undefined}
          onClick={() => {
            onResume(backend ?? saved.backend);
          }}
        >
          {finished ? 'Open it' : 'Resume it'}
          {backend !== undefined && backend !== saved.backend ? ` on ${backend}` : ''}
        </button>
        <button
          type="button"
          onClick={() => {
            setSaved(undefined);
            void forgetRun();
          }}
        >
          Delete it
        </button>
      </div>
    </section>
  );
}
