/** Panel of the run: start, pause, resume; progress; curves and metrics; recovery from failures. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { BackendName } from '../engine/backends.js';
import { Notice } from '../shared/notice.js';
import { Curves } from './curves.js';
import { EpochTable } from './epoch_table.js';
import { duration, percent, whole } from './format.js';
import type { Training, TrainingView } from './use_training.js';

interface RunPanelProps {
  readonly training: Training;
  /** The currently selected backend, on which a failed run can be resumed. */
  readonly backend: BackendName | undefined;
  readonly canStart: boolean;
  readonly onStart: () => void;
  /** Called with what is wrong with the form. */
  readonly children: ComponentChildren;
}

export function RunPanel({ training, backend, canStart, onStart, children }: RunPanelProps): JSX.Element {
  const { view } = training;
  return (
    <section class="panel" aria-labelledby="run-title">
      <h3 id="run-title">Training</h3>
      {children}
      {view.phase === 'failed' && (
        <Notice kind="error">
          {view.failure}{' '}
          {view.facts && 'The run was saved a few seconds ago: resume it, on this backend or another one.'}
        </Notice>
      )}
      {view.lost !== undefined && (
        <Notice kind="info">
          The graphics device of {view.lost} was lost. The run goes on with {view.backend}, from a state at most 20
          steps before.
        </Notice>
      )}
      {view.unsaved !== undefined && (
        <Notice kind="info">
          This run cannot be saved in the browser ({view.unsaved}). It continues; export the network when it is done.
        </Notice>
      )}
      <Controls training={training} backend={backend} canStart={canStart} onStart={onStart} />
      <Standing view={view} />
      <Curves view={view} />
      <EpochTable rows={view.rows} />
    </section>
  );
}

function Controls({ training, backend, canStart, onStart }: Omit<RunPanelProps, 'children'>): JSX.Element {
  const { view } = training;
  const [isStopped, setStopped] = useState(false);
  const start = (): void => {
    setStopped(false);
    onStart();
  };
  const running = view.phase === 'training' || view.phase === 'pausing';
  const isPaused = view.phase === 'paused' && !isStopped;
  const isSaved = view.phase === 'failed' && view.facts !== undefined;
  const canBegin = !running && !isPaused && view.phase !== 'starting';
  return (
    <div class="row">
      {running && (
        <>
          <button type="button" class="primary" disabled={view.phase === 'pausing'} onClick={training.pause}>
            Pause
          </button>
          <button
            type="button"
            disabled={view.phase === 'pausing'}
            onClick={() => {
              setStopped(true);
              training.pause();
            }}
          >
            Stop
          </button>
        </>
      )}
      {isPaused && (
        <>
          <button type="button" class="primary" onClick={training.continueRun}>
            Resume
          </button>
          <button
            type="button"
            onClick={() => {
              setStopped(true);
            }}
          >
            Stop
          </button>
        </>
      )}
      {isSaved && backend !== undefined && (
        <button
          type="button"
          class="primary"
          onClick={() => {
            training.resume(backend);
          }}
        >
          Resume from the saved state on {backend}
        </button>
      )}
      {canBegin && (
        <button type="button" class={isSaved ? '' : 'primary'} disabled={!canStart} onClick={start}>
          {view.phase === 'idle' ? 'Start training' : 'Start a new training'}
        </button>
      )}
      <p class="quiet" role="status">
        {statusOf(view, isStopped)}
      </p>
    </div>
  );
}

function statusOf({ phase, backend, rows }: TrainingView, isStopped: boolean): string {
  const last = rows.at(-1);
  switch (phase) {
    case 'idle':
      return '';
    case 'starting':
      return `Starting ${backend ?? ''} and loading the images …`;
    case 'training':
      return last ? `Training: ${last.epoch} epochs done.` : 'Training: the first epoch.';
    case 'pausing':
      return 'Finishing the step …';
    case 'paused':
      return isStopped ? 'Stopped. The network can be tried and exported as it is.' : 'Paused.';
    case 'finished':
      return last ? `Done: ${percent(last.testAccuracy)} of the test images are classified correctly.` : 'Done.';
    case 'failed':
      return '';
  }
}

function Standing({ view: { progress, phase } }: { readonly view: TrainingView }): JSX.Element | null {
  if (!progress) {
    return phase === 'starting' || phase === 'training' ? <progress aria-label="Training progress" /> : null;
  }
  const { fraction, epoch, epochs, loss, accuracy, imagesPerSecond, secondsLeft } = progress;
  const figures: readonly (readonly [string, string])[] = [
    ['epoch', `${epoch} of ${epochs}`],
    ['loss', loss.toFixed(3)],
    ['right', percent(accuracy)],
    ['speed', imagesPerSecond > 0 ? `${whole(imagesPerSecond)} images/s` : '…'],
    ['time left', Number.isFinite(secondsLeft) ? duration(secondsLeft) : '…'],
  ];
  return (
    <>
      <div class="row bar">
        <progress max={1} value={fraction} aria-label="Training progress" />
        <span>{percent(fraction, 0)}</span>
      </div>
      <dl class="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
