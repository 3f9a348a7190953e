/** Panel that starts, pauses and resumes a run, with its state and recovery from failures; it is always in sight. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { BackendName } from '../engine/backends.js';
import { Notice } from '../shared/notice.js';
import { useKeptFocus } from '../shared/use_kept_focus.js';
import { counted, percent, whole } from './format.js';
import type { Training, TrainingView } from './use_training.js';

/** Milliseconds after which a wait for the worker counts as long. */
const LONG_WAIT = 10_000;

interface RunPanelProps {
  readonly training: Training;
  /** The currently selected backend, on which a failed run can be resumed. */
  readonly backend: BackendName | undefined;
  readonly canStart: boolean;
  readonly onStart: () => void;
  /** True if the form is no longer what the open run was started with. */
  readonly isChanged: boolean;
  /** Called with what is wrong with the form. */
  readonly children: ComponentChildren;
}

export function RunPanel({ training, backend, canStart, onStart, isChanged, children }: RunPanelProps): JSX.Element {
  const { view } = training;
  return (
    <section class="panel run-bar" aria-labelledby="run-title">
      <h3 id="run-title">2. Train</h3>
      {children}
      {view.phase === 'failed' && (
        <Notice kind="error">
          {view.failure}{' '}
          {view.facts && 'The run was saved a few seconds ago: resume it, on this backend or another one.'}
        </Notice>
      )}
      {view.phase === 'paused' && isChanged && (
        <Notice kind="info">
          The settings have changed since this run began. It goes on with those it began with; a new training takes the
          new ones.
        </Notice>
      )}
      <Controls training={training} backend={backend} canStart={canStart} onStart={onStart} />
      <Standing view={view} />
    </section>
  );
}

type ControlsProps = Omit<RunPanelProps, 'children' | 'isChanged'>;

function Controls({ training, backend, canStart, onStart }: ControlsProps): JSX.Element {
  const { view } = training;
  const [isStopped, setStopped] = useState(false);
  useEffect(() => {
    // Also a run that was kept, and one that trains all layers.
    if (view.phase === 'starting') setStopped(false);
  }, [view.phase]);
  const running = view.phase === 'training' || view.phase === 'pausing';
  const isPaused = view.phase === 'paused' && !isStopped;
  const isSaved = view.phase === 'failed' && view.id !== undefined;
  const canBegin = !running && !isPaused && view.phase !== 'starting';
  const isStuck = useStuck(view.phase === 'starting' || view.phase === 'pausing');
  const row = useKeptFocus<HTMLDivElement>(`${view.phase} ${isStopped}`);
  return (
    <div class="row" ref={row}>
      {(running || isPaused) && (
        <RunningButtons
          phase={view.phase}
          training={training}
          onStop={() => {
            setStopped(true);
          }}
        />
      )}
      <GiveUp phase={view.phase} isStuck={isStuck} giveUp={training.giveUp} />
      {isSaved && backend !== undefined && (
        <button
          type="button"
          class="primary"
          onClick={() => {
            training.resume(view.id!, backend);
          }}
        >
          Resume from the saved state on {backend}
        </button>
      )}
      {canBegin && (
        <button type="button" class={isSaved ? '' : 'primary'} disabled={!canStart} onClick={onStart}>
          {view.phase === 'idle' ? 'Start training' : 'Start a new training'}
        </button>
      )}
      <p class="quiet" role="status">
        {statusOf(view, isStopped)}
        {isStuck && ' This takes longer than usual.'}
      </p>
    </div>
  );
}

interface RunningButtonsProps {
  readonly phase: TrainingView['phase'];
  readonly training: Training;
  readonly onStop: () => void;
}

function RunningButtons({ phase, training, onStop }: RunningButtonsProps): JSX.Element {
  const isPaused = phase === 'paused';
  return (
    <>
      <button
        type="button"
        class="primary"
        disabled={phase === 'pausing'}
        onClick={isPaused ? training.continueRun : training.pause}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </button>
      <button
        type="button"
        disabled={phase === 'pausing'}
        onClick={() => {
          onStop();
          if (!isPaused) training.pause();
        }}
      >
        Stop
      </button>
    </>
  );
}

interface GiveUpProps extends Pick<Training, 'giveUp'> {
  readonly phase: TrainingView['phase'];
  readonly isStuck: boolean;
}

function GiveUp({ phase, isStuck, giveUp }: GiveUpProps): JSX.Element | null {
  if (phase !== 'starting' && !isStuck) return null;
  return (
    <button type="button" onClick={giveUp}>
      {phase === 'starting' ? 'Cancel' : 'End it now'}
    </button>
  );
}

/** Becomes true when a wait has taken long. */
function useStuck(isWaiting: boolean): boolean {
  const [isStuck, setStuck] = useState(false);
  useEffect(() => {
    setStuck(false);
    if (!isWaiting) return;
    const timer = setTimeout(() => {
      setStuck(true);
    }, LONG_WAIT);
    return () => {
      clearTimeout(timer);
    };
  }, [isWaiting]);
  return isStuck;
}

function statusOf({ phase, backend, rows, images }: TrainingView, isStopped: boolean): string {
  const last = rows.at(-1);
  switch (phase) {
    case 'idle':
      return '';
    case 'starting':
      return `Starting ${backend ?? ''} and loading the images …`;
    case 'training':
      return last ? `Training: ${counted(last.epoch, 'epoch')} done.` : 'Training: the first epoch.';
    case 'pausing':
      return 'Finishing the step …';
    case 'paused':
      return isStopped ? 'Stopped. The network can be tried and exported as it is.' : 'Paused.';
    case 'finished':
      return last
        ? `Done: ${percent(last.testAccuracy)} of ${images ? `the ${whole(images.test)}` : 'the'} test images are classified correctly.`
        : 'Done.';
    case 'failed':
      return '';
  }
}

function Standing({ view: { progress, phase } }: { readonly view: TrainingView }): JSX.Element | null {
  if (!progress) {
    return phase === 'starting' || phase === 'training' ? <progress aria-label="Training progress" /> : null;
  }
  const { fraction } = progress;
  return (
    <div class="row bar">
      <progress max={1} value={fraction} aria-label="Training progress" />
      <span>{percent(fraction, 0)}</span>
    </div>
  );
}
