/** Offers to resume the run that the browser has stored. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { BackendName } from '../engine/backends.js';
import { forgetRun, keptSummary, type KeptSummary } from './run_store.js';

interface KeptNoticeProps {
  /** The currently selected backend. */
  readonly backend: BackendName | undefined;
  readonly onResume: (backend: BackendName) => void;
}

export function KeptNotice({ backend, onResume }: KeptNoticeProps): JSX.Element | null {
  const [kept, setKept] = useState<KeptSummary>();
  useEffect(() => {
    // A browser that stores nothing, as in some private windows, has no run to offer.
    keptSummary().then(setKept, () => undefined);
  }, []);
  if (!kept) return null;
  const finished = kept.epoch >= kept.epochs;
  return (
    <section class="notice info kept" aria-label="Saved run">
      <p>
        <strong>{finished ? 'A trained network is saved here' : 'A run was interrupted'}</strong>: {kept.title},{' '}
        {kept.epoch} of {kept.epochs} epochs, on {kept.backend}.
      </p>
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={backend === undefined}
          onClick={() => {
            onResume(backend ?? kept.backend);
          }}
        >
          {finished ? 'Open it' : 'Resume it'}
          {backend !== undefined && backend !== kept.backend ? ` on ${backend}` : ''}
        </button>
        <button
          type="button"
          onClick={() => {
            setKept(undefined);
            void forgetRun();
          }}
        >
          Delete it
        </button>
      </div>
    </section>
  );
}
