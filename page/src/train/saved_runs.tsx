/** Runs that the browser has stored, to be resumed, opened or deleted. */
import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { BackendName } from '../engine/backends.js';
import { heldLocks } from '../shared/locks.js';
import { messageOf } from '../shared/message_of.js';
import { buttonAt, useKeptFocus } from '../shared/use_kept_focus.js';
import { counted } from './format.js';
import { deleteRun, lockOf, savedSummaries, type SavedSummary } from './run_store.js';

/** Number of runs that are shown at first. */
const FIRST = 3;

interface SavedRunsProps {
  /** The currently selected backend. */
  readonly backend: BackendName | undefined;
  /** Identifier of the run that is open here, which is not listed. */
  readonly open: string | undefined;
  readonly onResume: (id: string, backend: BackendName) => void;
}

interface Stored extends SavedSummary {
  readonly isElsewhere: boolean;
}

/** Runs that are being deleted, by their identifiers, or the reason why they are still there. */
type Deletions = Readonly<Record<string, 'pending' | { readonly failure: string } | undefined>>;

export function SavedRuns({ backend, open, onResume }: SavedRunsProps): JSX.Element {
  const [runs, setRuns] = useState<readonly Stored[]>([]);
  const [showsAll, setShowsAll] = useState(false);
  const read = useCallback(async () => {
    const [found, held] = await Promise.all([savedSummaries(), heldLocks()]);
    setRuns(found.map((run) => ({ ...run, isElsewhere: held.has(lockOf(run.id)) })));
  }, []);
  useEffect(() => {
    // A browser that stores nothing, as in some private windows, has no run to offer.
    const update = (): void => void read().catch(() => undefined);
    update();
    // Another tab may have begun or ended a run.
    addEventListener('focus', update);
    return () => {
      removeEventListener('focus', update);
    };
  }, [read, open]);
  const [deletions, setDeletions] = useState<Deletions>({});
  const remove = async (id: string): Promise<void> => {
    const note = (state: Deletions[string]): void => {
      setDeletions((before) => ({ ...before, [id]: state }));
    };
    note('pending');
    try {
      const isDeleted = await deleteRun(id);
      if (isDeleted) setRuns((before) => before.filter((run) => run.id !== id));
      else await read();
      note(undefined);
    } catch (error) {
      note({ failure: messageOf(error) });
    }
  };
  const list = useKeptFocus<HTMLDivElement>(runs, controlAt);
  const others = runs.filter(({ id }) => id !== open);
  // Outlives the last run, so that the focus does not go with it.
  return (
    <div ref={list} class="saved-runs-place">
      {others.length > 0 && (
        <section class="notice info saved-runs" aria-label="Saved runs">
          <ul>
            {others.slice(0, showsAll ? others.length : FIRST).map((run) => (
              <li key={run.id}>
                <p>{describe(run, deletions[run.id] === 'pending')}</p>
                <Failure of={deletions[run.id]} />
                {deletions[run.id] !== 'pending' && (
                  <div class="row">
                    <Actions run={run} backend={backend} onResume={onResume} onDelete={() => void remove(run.id)} />
                  </div>
                )}
              </li>
            ))}
          </ul>
          {others.length > FIRST && (
            <button
              type="button"
              aria-expanded={showsAll}
              onClick={() => {
                setShowsAll(!showsAll);
              }}
            >
              {showsAll ? 'Show fewer' : `Show all ${others.length} saved runs`}
            </button>
          )}
        </section>
      )}
    </div>
  );
}

/** The button that now has the position of one that is gone or, after the last run, the control that follows the list. */
function controlAt(list: HTMLElement, index: number): HTMLElement | undefined {
  // Of radio buttons, the one that Tab leads to.
  const controls = 'button:enabled, input:enabled:not([type=radio]), input[type=radio]:enabled:checked';
  const after = (): HTMLElement | undefined =>
    [...document.querySelectorAll<HTMLElement>(controls)].find(
      (control) => (list.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
    );
  return buttonAt(list, index) ?? after();
}

const isFinished = ({ epoch, epochs }: SavedSummary): boolean => epoch >= epochs;

function describe(run: Stored, isDeleted: boolean): JSX.Element {
  const kept = isFinished(run) ? 'A trained network is saved here' : 'A run was interrupted';
  const what = run.isElsewhere ? 'This run is open in another tab' : kept;
  return (
    <>
      <strong>{isDeleted ? 'This run is being deleted' : what}</strong>: {run.title}, {run.epoch} of{' '}
      {counted(run.epochs, 'epoch')}, on {run.backend}, {when(run.changed)}.
    </>
  );
}

function Failure({ of }: { readonly of: Deletions[string] }): JSX.Element | null {
  return typeof of === 'object' ? <p role="alert">This run is not deleted: {of.failure}.</p> : null;
}

function when(changed: number): string {
  return new Date(changed).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}

interface ActionsProps extends Pick<SavedRunsProps, 'backend' | 'onResume'> {
  readonly run: Stored;
  readonly onDelete: () => void;
}

function Actions({ run, backend, onResume, onDelete }: ActionsProps): JSX.Element {
  const action = isFinished(run) ? 'Open it' : 'Resume it';
  const moves = backend !== undefined && backend !== run.backend;
  return (
    <>
      <button
        type="button"
        class="primary"
        disabled={backend === undefined || run.isElsewhere}
        onClick={() => {
          onResume(run.id, backend ?? run.backend);
        }}
      >
        {action}
        {moves ? ` on ${backend}` : ''}
        <span class="visually-hidden">: {run.title}</span>
      </button>
      <button type="button" disabled={run.isElsewhere} onClick={onDelete}>
        Delete it
        <span class="visually-hidden">: {run.title}</span>
      </button>
    </>
  );
}
